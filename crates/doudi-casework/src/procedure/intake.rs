//! How an application reached the office: who brought it, and for whom. The ways are content: `[[intake]]` of
//! `programs.toml`.

use serde::{Deserialize, Serialize};

const LONGEST_WORD: usize = 50;

/// A way in which an application can be brought.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct IntakeWay {
    pub id: String,
    /// 委托他人代为提出
    pub name: String,
    /// Somebody acts for the family, and is written down.
    #[serde(default)]
    pub proxy: bool,
    /// Which paper shows that they may; empty where none is needed.
    #[serde(default)]
    pub paper: String,
    #[serde(default)]
    pub article: String,
}

/// How one application was brought.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intake {
    /// Id of an [`IntakeWay`].
    pub way: String,
    /// As content called it then.
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<Proxy>,
}

/// Whoever acts for a family.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proxy {
    pub name: String,
    /// 邻居, 村干部
    pub relation: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub phone: String,
}

/// What is wrong with what was written, and at which field: `way`, `proxy-name`, `proxy-relation`, `proxy-phone`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntakeWrong {
    pub field: &'static str,
    pub text: String,
}

impl Intake {
    /// Takes in what was typed; blanks are nothing.
    pub fn read(ways: &[IntakeWay], way: &str, proxy: Proxy) -> Result<Intake, Vec<IntakeWrong>> {
        let wrong = |field, text: String| vec![IntakeWrong { field, text }];
        let Some(way) = ways.iter().find(|known| known.id == way.trim()) else {
            let names: Vec<&str> = ways.iter().map(|way| way.name.as_str()).collect();
            return Err(wrong("way", format!("请选这次申请是怎样提出来的：{}", names.join("、"))));
        };
        let (name, relation, phone) = (proxy.name.trim(), proxy.relation.trim(), proxy.phone.trim());
        let mut wrongs = Vec::new();
        let mut add = |field, text: &str| wrongs.push(IntakeWrong { field, text: text.to_owned() });
        if way.proxy {
            if name.is_empty() {
                add("proxy-name", "请写代办人的姓名");
            }
            if relation.is_empty() {
                add("proxy-relation", "请写代办人和这家人是什么关系，例如邻居、村干部、亲戚");
            }
        } else if !(name.is_empty() && relation.is_empty() && phone.is_empty()) {
            add("way", "写了代办人，就请选由别人代为提出的那一种；没有代办人的，把下面三项清空");
        }
        for (field, text) in [("proxy-name", name), ("proxy-relation", relation), ("proxy-phone", phone)] {
            if text.chars().count() > LONGEST_WORD {
                add(field, "太长了，请写在五十个字以内");
            }
        }
        if !phone.chars().all(|sign| sign.is_ascii_digit() || matches!(sign, '-' | '+' | ' ')) {
            add("proxy-phone", "电话只写数字，区号后面可以加一横");
        }
        if !wrongs.is_empty() {
            return Err(wrongs);
        }
        let proxy = way.proxy.then(|| Proxy {
            name: name.to_owned(),
            relation: relation.to_owned(),
            phone: phone.to_owned(),
        });
        Ok(Intake { way: way.id.clone(), name: way.name.clone(), proxy })
    }

    /// 委托他人代为提出（代办人某丙，邻居）: without the telephone, for papers that lie about.
    pub fn words(&self) -> String {
        match &self.proxy {
            Some(proxy) => format!("{}（代办人{}，{}）", self.name, proxy.name, proxy.relation),
            None => self.name.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ways() -> Vec<IntakeWay> {
        let way = |id: &str, proxy| IntakeWay {
            id: id.into(),
            name: format!("{id}提出"),
            proxy,
            paper: String::new(),
            article: String::new(),
        };
        vec![way("self", false), way("proxy", true)]
    }

    fn proxy(name: &str, relation: &str, phone: &str) -> Proxy {
        Proxy { name: name.into(), relation: relation.into(), phone: phone.into() }
    }

    #[test]
    fn who_acts_for_a_family_is_written_down_and_nobody_else() {
        let read = |way: &str, given: Proxy| Intake::read(&ways(), way, given);
        let own = read("self", proxy(" ", "", "")).expect("right");
        assert_eq!((own.words().as_str(), own.proxy), ("self提出", None));
        let other = read("proxy", proxy(" 某丙 ", "邻居", "023-7844")).expect("right");
        assert_eq!(other.words(), "proxy提出（代办人某丙，邻居）");
        assert!(!other.words().contains("7844"));
        for (way, given, fields) in [
            ("", proxy("", "", ""), &["way"][..]),
            ("fly", proxy("", "", ""), &["way"]),
            ("proxy", proxy("", " ", ""), &["proxy-name", "proxy-relation"]),
            ("self", proxy("某丙", "", ""), &["way"]),
            ("proxy", proxy("某丙", "邻居", "打王婶"), &["proxy-phone"]),
            ("proxy", proxy(&"丙".repeat(51), "邻居", ""), &["proxy-name"]),
        ] {
            let wrongs = read(way, given.clone()).expect_err("wrong");
            let found: Vec<&str> = wrongs.iter().map(|wrong| wrong.field).collect();
            assert_eq!(found, fields, "{way} {given:?}");
        }
    }
}
