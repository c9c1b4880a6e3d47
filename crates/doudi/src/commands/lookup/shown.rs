//! What is shown of whom was found: in words and as JSON, numbers masked unless asked for otherwise.

use crate::divisions::Divisions;
use doudi_engine::{PeopleDirectory, PersonCard};
use doudi_linkage::{Found, Hit};
use doudi_terms::{RegionCode, Sex, date_from_epoch_day};
use serde_json::{Value, json};

pub struct Shown<'a> {
    pub text: &'a str,
    pub people: &'a PeopleDirectory,
    pub found: &'a Found,
    /// Whose number of persons was written.
    pub by_number: Option<u32>,
    pub regions: &'a [RegionCode],
    pub divisions: &'a Divisions,
    pub unmask: bool,
}

/// Stars in place of everything but the beginning and the end; a short text is all stars.
pub fn masked(text: &str, before: usize, after: usize) -> String {
    let count = text.chars().count();
    let keeps = count > before + after;
    let star = |(at, c): (usize, char)| {
        if keeps && (at < before || at >= count - after) { c } else { '*' }
    };
    text.chars().enumerate().map(star).collect()
}

impl Shown<'_> {
    fn id_number(&self, card: &PersonCard<'_>) -> String {
        if self.unmask { card.id_number.to_owned() } else { masked(card.id_number, 6, 4) }
    }

    fn phone(&self, card: &PersonCard<'_>) -> String {
        if self.unmask { card.phone.to_owned() } else { masked(card.phone, 3, 4) }
    }

    /// The day would give away what the number's stars hide.
    fn birth(&self, card: &PersonCard<'_>) -> Option<String> {
        let date = date_from_epoch_day(card.birth?)?;
        Some(if self.unmask { date.to_string() } else { format!("{:04}-{:02}", date.year(), date.month()) })
    }

    fn region(&self, card: &PersonCard<'_>) -> Option<String> {
        let codes = [card.region?.county(), card.region?.township(), card.region?];
        let mut names: Vec<String> = codes.map(|code| self.divisions.name(code)).to_vec();
        names.dedup();
        Some(names.concat())
    }

    fn place(&self) -> String {
        // Whoever names no region looks through everybody whom the register has, wherever that is.
        if self.regions.contains(&RegionCode::COUNTRY) {
            return "底册".to_owned();
        }
        let names: Vec<String> = self.regions.iter().map(|&region| self.divisions.name(region)).collect();
        names.join("、")
    }

    pub fn text(&self) -> String {
        let Found { hits, total, without, tried } = self.found;
        let mut lines = Vec::new();
        if let Some(person) = self.by_number {
            lines.push(format!("人员编号 {} 是：", self.text.trim()));
            lines.push(self.line(1, person));
        }
        let shown = hits.len();
        lines.push(match (without, total) {
            (None, 0) if self.by_number.is_some() => return lines.join("\n"),
            (None, 0) => format!("没有找到。在{}的 {} 人里找过：", self.place(), self.people.directory.len()),
            (None, _) => format!("找到 {total} 人，列出 {shown} 人："),
            (Some(word), _) => format!("没有人样样都符合。不算“{word}”，有 {total} 人，列出 {shown} 人："),
        });
        if *total == 0 {
            lines.extend(tried.iter().map(|line| format!("  {line}")));
            lines.push("请换一种写法，或者只写姓名、号码的一部分；不在底册里的人找不到。".to_owned());
        }
        for (number, hit) in (1..).zip(hits) {
            lines.push(self.line(number, hit.person));
            let reasons: Vec<String> = hit.reasons.iter().map(|reason| reason.describe()).collect();
            lines.push(format!("     {}", reasons.join("；")));
        }
        if *total > shown {
            lines.push(format!("还有 {} 人没有列出，请再加一个词，或用 --limit 多列几个。", total - shown));
        }
        lines.join("\n")
    }

    fn line(&self, number: usize, person: u32) -> String {
        let card = self.people.card(person);
        let sex = card.sex.map_or("", |sex| if sex == Sex::Male { "男" } else { "女" });
        let parts = [
            card.name.to_owned(),
            sex.to_owned(),
            self.birth(&card).unwrap_or_default(),
            self.id_number(&card),
            if card.address.is_empty() {
                self.region(&card).unwrap_or_default()
            } else {
                card.address.to_owned()
            },
            if card.phone.is_empty() { String::new() } else { format!("电话 {}", self.phone(&card)) },
            format!("编号 {}", card.person_id),
        ];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        format!("{number:>3}. {}", parts.join("  "))
    }

    pub fn json(&self) -> Value {
        let Found { hits, total, without, tried } = self.found;
        let people = self.people;
        json!({
            "query": self.text,
            "regions": self.regions.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "persons": people.directory.len(),
            "register_month": people.month,
            "newcomers": people.newcomers,
            "total": total,
            "without": without,
            "tried": tried,
            "by_person_id": self.by_number.map(|person| self.person(person)),
            "hits": hits.iter().map(|hit| self.hit(hit)).collect::<Vec<_>>(),
        })
    }

    fn hit(&self, hit: &Hit) -> Value {
        let mut value = self.person(hit.person);
        value["strength"] = json!(hit.strength);
        value["reasons"] = hit.reasons.iter().map(|reason| reason.describe()).collect();
        value
    }

    fn person(&self, person: u32) -> Value {
        let card = self.people.card(person);
        json!({
            "person_id": card.person_id,
            "name": card.name,
            "sex": card.sex.map(|sex| if sex == Sex::Male { "男" } else { "女" }),
            "birth": self.birth(&card),
            "id_number": self.id_number(&card),
            "phone": self.phone(&card),
            "region_code": card.region.map(|region| region.to_string()),
            "region": self.region(&card),
            "address": card.address,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn stars_leave_the_beginning_and_the_end() {
        assert_eq!(masked("50024319650312002X", 6, 4), "500243********002X");
        assert_eq!(masked("13812345678", 3, 4), "138****5678");
        assert_eq!(masked("12345", 3, 4), "*****");
        assert_eq!(masked("", 3, 4), "");
    }
}
