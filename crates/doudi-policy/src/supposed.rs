//! A value that a worked case takes as published in its place, whatever the tables say: `NAME[农村] 500元`.

use crate::diagnostic::suggestion;
use crate::ir::ParameterId;
use crate::library::Library;
use crate::parameters::parse_value;
use crate::program::{ParameterValue, Program};

/// Stands for a row of a table where a case brings its own value.
const NO_ROW: u32 = u32::MAX;

/// A parameter's value for one choice of dimensions.
#[derive(Clone, Debug)]
pub struct Supposed {
    parameter: ParameterId,
    /// By dimension: which label.
    labels: Vec<u16>,
    value: ParameterValue,
}

impl Supposed {
    /// Reads `NAME VALUE` or `NAME[DIMENSION、…] VALUE`. What is wrong is told with what would be right.
    pub fn parse(library: &Library, text: &str) -> Result<Supposed, String> {
        let (left, value) = text
            .trim()
            .rsplit_once(char::is_whitespace)
            .ok_or_else(|| format!("“{text}”要写成“名称[维度] 500元”这样：名称、空格、值"))?;
        let (name, inside) = match left.trim().split_once(['[', '［']) {
            None => (left.trim(), ""),
            Some((name, rest)) => {
                let inside = rest.trim().strip_suffix([']', '］']);
                (name.trim(), inside.ok_or_else(|| format!("“{text}”的方括号不成对"))?)
            }
        };
        let id = library.parameter_named(name).ok_or_else(|| {
            let names: Vec<&str> = library.parameters.iter().map(|found| found.name.as_str()).collect();
            format!("没有叫“{name}”的参数。{}", suggestion(name, &names))
        })?;
        let labels = read_labels(library, id, inside)?;
        let parameter = &library.parameters[id.index()];
        let value = match value {
            "无" => ParameterValue::None(NO_ROW),
            "不详" => ParameterValue::Unpublished,
            _ => {
                let read = parse_value(value, parameter.ty, &library.enums);
                let read = read.map_err(|next| format!("“{name}”的值“{value}”读不出来，{next}"))?;
                ParameterValue::Value(read, NO_ROW)
            }
        };
        Ok(Supposed { parameter: id, labels, value })
    }
}

fn read_labels(library: &Library, id: ParameterId, inside: &str) -> Result<Vec<u16>, String> {
    let parameter = &library.parameters[id.index()];
    let name = &parameter.name;
    let words: Vec<&str> =
        inside.split(['、', '/', ',', '，']).map(str::trim).filter(|word| !word.is_empty()).collect();
    if words.len() != parameter.dimensions.len() {
        let choices: Vec<String> =
            parameter.dimensions.iter().map(|kind| library.labels(*kind).join("、")).collect();
        return Err(match choices.as_slice() {
            [] => format!("“{name}”没有维度，写成 {name} 值"),
            _ => format!(
                "“{name}”有 {} 个维度，写成 {name}[维度] 值；可以写：{}",
                choices.len(),
                choices.join("；")
            ),
        });
    }
    let label = |(word, kind): (&&str, &_)| {
        let labels = library.labels(*kind);
        let found = labels.iter().position(|label| label == word);
        found
            .map(|at| at as u16)
            .ok_or_else(|| format!("“{name}”没有维度“{word}”。可以写：{}", labels.join("、")))
    };
    words.iter().zip(&parameter.dimensions).map(label).collect()
}

impl Program<'_> {
    /// Takes a value as published here.
    pub fn suppose(&mut self, supposed: &Supposed) {
        let key = self.key(supposed.parameter, &supposed.labels);
        let values = self.parameters.get_mut(supposed.parameter.index());
        if let Some(slot) = values.and_then(|values| values.get_mut(key)) {
            *slot = supposed.value;
        }
    }
}
