//! How the data of a benchmark stand to a rule set: which column is which fact, which parameter stands where in
//! `params.json`, which totals are asked for. Read from `benches/*.toml`.

use doudi_engine::policy_bench::{TableColumns, Totalled};
use doudi_policy::Library;
use doudi_policy::ir::{InputId, RuleId};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BenchData {
    /// Documents that go with the rule set.
    pub documents: Vec<String>,
    #[serde(rename = "table")]
    pub tables: Vec<Table>,
    #[serde(rename = "parameter")]
    parameters: Vec<Parameter>,
    pub counts: BTreeMap<String, String>,
    pub sums: BTreeMap<String, String>,
    households: Households,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    pub file: String,
    entity: String,
    household: String,
    inputs: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameter {
    name: String,
    key: String,
    #[serde(default = "value_key")]
    value: String,
    unit: Unit,
    #[serde(default)]
    by_option: bool,
}

fn value_key() -> String {
    "value".to_owned()
}

/// What a whole number of the file counts.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Unit {
    Named(Named),
    /// So many go into one.
    Parts(u32),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Named {
    /// Fen.
    Money,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Households {
    total: String,
    by: String,
    modulo: u64,
}

impl BenchData {
    /// Rows of a parameter table, one for each step and option. Options are given by number; `labels` names them.
    pub fn parameter_rows(
        &self,
        params: &Value,
        labels: impl Fn(&str) -> Vec<String>,
    ) -> Result<String, String> {
        let mut rows = String::from("参数,维度,起,止,值,文件,把握\n");
        for parameter in &self.parameters {
            let labels = labels(&parameter.name);
            let series = params.get(&parameter.key).ok_or_else(|| parameter.wrong("没有这一项"))?;
            if parameter.by_option {
                let options = series.as_array().ok_or_else(|| parameter.wrong("应当是一列"))?;
                for (label, steps) in labels.iter().zip(options) {
                    parameter.steps(steps, std::slice::from_ref(label), &mut rows)?;
                }
            } else {
                parameter.steps(series, &labels, &mut rows)?;
            }
        }
        Ok(rows)
    }

    pub fn columns(&self, library: &Library) -> Result<Vec<TableColumns>, String> {
        let of_table = |table: &Table| {
            let entity = library
                .entity_named(&table.entity)
                .ok_or_else(|| format!("政策文件里没有实体“{}”", table.entity))?;
            let inputs = table
                .inputs
                .iter()
                .map(|(path, column)| Ok((input(library, path)?, column.clone())))
                .collect::<Result<_, String>>()?;
            Ok(TableColumns { entity, household: table.household.clone(), inputs })
        };
        self.tables.iter().map(of_table).collect()
    }

    pub fn totalled(&self, library: &Library) -> Result<Totalled, String> {
        let rules = |paths: &BTreeMap<String, String>| -> Result<Vec<RuleId>, String> {
            paths.values().map(|path| rule(library, path)).collect()
        };
        Ok(Totalled {
            counts: rules(&self.counts)?,
            sums: rules(&self.sums)?,
            household: rule(library, &self.households.total)?,
            by: input(library, &self.households.by)?,
            modulo: self.households.modulo.max(1),
        })
    }
}

impl Parameter {
    fn steps(&self, steps: &Value, labels: &[String], rows: &mut String) -> Result<(), String> {
        for step in steps.as_array().ok_or_else(|| self.wrong("应当是一步步的值"))? {
            let from =
                step.get("from").and_then(Value::as_str).ok_or_else(|| self.wrong("有一步没有 from"))?;
            let value = step.get(&self.value).ok_or_else(|| self.wrong("有一步没有值"))?;
            let values = value.as_array().map_or_else(|| std::slice::from_ref(value), Vec::as_slice);
            for (at, value) in values.iter().enumerate() {
                let number = value.as_i64().ok_or_else(|| self.wrong("值应当是整数"))?;
                let label = labels.get(at).map_or("", String::as_str);
                rows.push_str(&format!(
                    "{},{label},{from},,{},params.json,高\n",
                    self.name,
                    self.written(number)
                ));
            }
        }
        Ok(())
    }

    fn written(&self, number: i64) -> String {
        match self.unit {
            Unit::Named(Named::Money) => format!("{}.{:02}元", number / 100, number % 100),
            Unit::Parts(parts) => format!("{number}/{parts}"),
        }
    }

    fn wrong(&self, what: &str) -> String {
        format!("params.json 里“{}”（参数“{}”）读不出来：{what}", self.key, self.name)
    }
}

fn rule(library: &Library, path: &str) -> Result<RuleId, String> {
    library.rule_by_path(path).ok_or_else(|| format!("政策文件里没有规则“{path}”，合计里要它"))
}

fn input(library: &Library, path: &str) -> Result<InputId, String> {
    library.input_by_path(path).ok_or_else(|| format!("政策文件里没有输入“{path}”，数据里有它"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_and_options_become_rows_of_a_parameter_table() {
        let data: BenchData = toml::from_str(
            "documents = []\ntable = []\ncounts = {}\nsums = {}\n\
             [households]\ntotal = \"户.甲\"\nby = \"户.乙\"\nmodulo = 1000\n\
             [[parameter]]\nname = \"标准\"\nkey = \"s\"\nvalue = \"fen\"\nunit = \"money\"\nby_option = true\n\
             [[parameter]]\nname = \"照料金\"\nkey = \"c\"\nunit = \"money\"\n\
             [[parameter]]\nname = \"比例\"\nkey = \"r\"\nunit = 10000\n",
        )
        .expect("it reads");
        let params = serde_json::json!({
            "s": [[{"from": "2020-01", "fen": 25_005}], [{"from": "2020-01", "fen": 7}, {"from": "2020-07", "fen": 8}]],
            "c": [{"from": "2020-01", "value": [0, 20_000]}],
            "r": [{"from": "2020-01", "value": 430}],
        });
        let rows = data.parameter_rows(&params, |name| match name {
            "比例" => Vec::new(),
            _ => vec!["甲".to_owned(), "乙".to_owned()],
        });
        let rows = rows.expect("rows");
        let lines: Vec<&str> = rows.lines().skip(1).collect();
        assert_eq!(
            lines,
            [
                "标准,甲,2020-01,,250.05元,params.json,高",
                "标准,乙,2020-01,,0.07元,params.json,高",
                "标准,乙,2020-07,,0.08元,params.json,高",
                "照料金,甲,2020-01,,0.00元,params.json,高",
                "照料金,乙,2020-01,,200.00元,params.json,高",
                "比例,,2020-01,,430/10000,params.json,高",
            ]
        );
        assert!(data.parameter_rows(&serde_json::json!({}), |_| Vec::new()).is_err());
    }
}
