//! Where cases stood at the end of a month, on their way to the clearing. The file goes to whoever knows what its states
//! mean; names stay here: people are told by the register's numbers.

use crate::answers::role_for;
use crate::db::Row;
use crate::error::Outcome;
use crate::query::region;
use crate::sealed::{Place, open};
use crate::store::Store;
use crate::users::accounts_where;
use doudi_casework::{CaseFile, Grants, Moment, Permission, UserId};
use std::collections::HashMap;

/// A case as its last step before a moment left it.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseResult {
    pub case_id: String,
    /// Which step that was, counted from one.
    pub step: i64,
    pub at: Moment,
    pub file: CaseFile,
    /// Name of the role of whoever decided, or took the step where nothing is decided.
    pub by: String,
    /// Of the register and of those whom only rosters know: the members that the case is about.
    pub people: Vec<String>,
    /// Members whom no single person of the household is known for.
    pub unknown: u64,
}

/// By household: numbers and names of its people.
type Households = HashMap<String, Vec<(String, String)>>;

impl Store {
    /// Every case about a household of the register as it stood just before `until`, oldest first. For the program alone:
    /// it tells nobody.
    pub fn case_results(&self, until: Moment) -> Outcome<Vec<CaseResult>> {
        self.database.read(|connection| {
            let mut households = Households::new();
            connection.each(
                "SELECT household_id, person_id, name FROM persons WHERE household_id IN
                 (SELECT household_id FROM cases WHERE household_id <> '') ORDER BY household_id, person_id",
                &[],
                &mut |row| {
                    households.entry(row.string(0)?).or_default().push((row.string(1)?, row.string(2)?));
                    Ok(())
                },
            )?;
            let accounts = accounts_where(connection, "ORDER BY user_id", &[])?;
            let grants: HashMap<UserId, Grants> =
                accounts.into_iter().map(|account| (account.user.id, account.user.grants)).collect();
            let mut results = Vec::new();
            connection.each(
                "SELECT e.case_id, e.serial, e.at, e.actor, e.sealed, c.household_id, c.region
                 FROM case_events e JOIN cases c ON c.case_id = e.case_id
                 WHERE c.household_id <> '' AND e.serial =
                 (SELECT MAX(x.serial) FROM case_events x WHERE x.case_id = e.case_id AND x.at < $1)
                 ORDER BY e.case_id",
                &[until.millis().into()],
                &mut |row| {
                    results.push(self.case_result(&row, &grants, &households)?);
                    Ok(())
                },
            )?;
            Ok(results)
        })
    }

    fn case_result(
        &self,
        row: &Row,
        grants: &HashMap<UserId, Grants>,
        households: &Households,
    ) -> Outcome<CaseResult> {
        let (case_id, step) = (row.string(0)?, row.int(1)?);
        let file: CaseFile = open(&self.keys, &Place::CaseEvent(&case_id, step), row.bytes(4)?)?;
        let place = region(row.int(6)?)?;
        let role = |granted: &Grants| {
            let able = [Permission::DecideCases, Permission::ProposeCases, Permission::WorkCases];
            able.into_iter()
                .chain([Permission::AcceptCases, Permission::ReadCases])
                .find_map(|permission| role_for(granted, permission, place))
        };
        let decider = file.decision.as_ref().map(|decision| decision.by);
        let actor = decider.unwrap_or(UserId(row.int(3)?));
        let by = grants.get(&actor).and_then(role).unwrap_or("经办人").to_owned();
        let known = households.get(&row.string(5)?).map_or(&[][..], Vec::as_slice);
        let (people, unknown) = people(&file, known);
        Ok(CaseResult { at: Moment::from_millis(row.int(2)?), case_id, step, file, by, people, unknown })
    }
}

/// The members of a case among the people of its household, by name. A name that two of them have, or none, is nobody's:
/// nobody is guessed.
fn people(file: &CaseFile, household: &[(String, String)]) -> (Vec<String>, u64) {
    let members = file.members();
    let about = match file.member {
        Some(at) => members.get(at as usize).map_or(&[][..], std::slice::from_ref),
        None => members.as_slice(),
    };
    let (mut people, mut unknown) = (Vec::new(), 0);
    for name in about {
        let mut namesakes = household.iter().filter(|(_, own)| own == name);
        let alike = about.iter().filter(|other| *other == name).count();
        match (namesakes.next(), namesakes.next()) {
            (Some((id, _)), None) if alike == 1 => people.push(id.clone()),
            // As many of the name ask as there are: it is all of them.
            (Some(_), Some(_)) if household.iter().filter(|(_, own)| own == name).count() == alike => {
                people.extend(household.iter().filter(|(_, own)| own == name).map(|(id, _)| id.clone()));
            }
            _ => unknown += 1,
        }
    }
    people.sort();
    people.dedup();
    (people, unknown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use doudi_terms::{RegionCode, parse_date};
    use serde_json::json;

    fn about(names: &[&str], member: Option<u32>) -> CaseFile {
        let members: Vec<_> = names.iter().map(|name| json!({ "姓名": name })).collect();
        CaseFile {
            kind: "waiver".into(),
            procedure: String::new(),
            place: RegionCode::parse("500243").expect("a code"),
            began: parse_date("2020-05-06").expect("a day"),
            code: String::new(),
            state: "found".into(),
            applicant: String::new(),
            intake: None,
            member,
            facts: json!({ "household": {}, "members": members }),
            record: Vec::new(),
            pauses: Vec::new(),
            about: None,
            decision: None,
        }
    }

    #[test]
    fn a_member_is_found_by_name_in_the_household_and_never_guessed() {
        let person = |id: &str, name: &str| (id.to_owned(), name.to_owned());
        let household = [person("1", "冉甲"), person("2", "任乙"), person("3", "冉丙"), person("4", "冉丙")];
        let found = |names: &[&str], member| {
            let (people, unknown) = people(&about(names, member), &household);
            (people.join(" "), unknown)
        };
        assert_eq!(found(&["冉甲", "任乙"], None), ("1 2".to_owned(), 0));
        assert_eq!(found(&["冉甲", "任乙"], Some(1)), ("2".to_owned(), 0));
        assert_eq!(found(&["冉甲", "别人"], None), ("1".to_owned(), 1));
        assert_eq!(found(&["冉丙"], None), (String::new(), 1), "one of two");
        assert_eq!(found(&["冉丙", "冉丙"], None), ("3 4".to_owned(), 0), "both of them");
        assert_eq!(found(&["冉丙", "冉丙"], Some(0)), (String::new(), 1));
        assert_eq!(found(&["冉甲"], Some(7)), (String::new(), 0));
    }
}
