//! Who handed in which rosters, took them back, or started a clearing: the rosters lie elsewhere, the audit has who and when.

use crate::audit::Action;
use crate::error::Outcome;
use crate::query::span;
use crate::scope::Scope;
use crate::store::Store;
use doudi_casework::{Moment, Permission, Refusal};
use doudi_terms::RegionCode;

/// What can be done with rosters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RosterAct {
    /// A file came, and nothing counts yet.
    Upload,
    /// Somebody looked at what came.
    Look,
    /// Which column is which was said.
    NameColumns,
    /// A workbook with the rows to correct was taken.
    TakeErrors,
    Import,
    Discard,
    Undo,
    Clear,
}

impl RosterAct {
    fn word(self) -> &'static str {
        match self {
            RosterAct::Upload => "upload",
            RosterAct::Look => "look",
            RosterAct::NameColumns => "name-columns",
            RosterAct::TakeErrors => "take-errors",
            RosterAct::Import => "import",
            RosterAct::Discard => "discard",
            RosterAct::Undo => "undo",
            RosterAct::Clear => "clear",
        }
    }

    fn permission(self) -> Permission {
        if self == RosterAct::Clear { Permission::ClearMonth } else { Permission::ImportRosters }
    }
}

/// Who did something to an import, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RosterMark {
    /// The import's number.
    pub serial: String,
    pub at: Moment,
    pub by: String,
}

const IMPORT: &str = "roster-import";

impl Store {
    /// Writes it down; to be called before it is done. `object` is an import's number, a draft's or a month.
    pub fn note_roster_act(
        &self,
        scope: &Scope,
        act: RosterAct,
        region: RegionCode,
        object: &str,
        detail: &str,
    ) -> Outcome<()> {
        let permission = act.permission();
        scope.areas_for(permission)?;
        if !scope.may_at(permission, region) {
            return Err(Refusal::Place { permission }.into());
        }
        let (action, kind) = match act {
            RosterAct::Clear => (Action::Clear, "clearing"),
            RosterAct::Import | RosterAct::Undo => (Action::Rosters, IMPORT),
            _ => (Action::Rosters, "roster-draft"),
        };
        let mut entry = scope.entry(action, kind, object.to_owned(), region);
        entry.detail = format!("{} {detail}", act.word()).trim_end().to_owned();
        self.note_read(entry)
    }

    /// Writes down that somebody takes away what a clearing made for all of an area; to be called before it is given. A
    /// workbook names people: everybody of the area with a sign of need or a lead stands in the record.
    pub fn note_result(
        &self,
        scope: &Scope,
        area: RegionCode,
        object: &str,
        names_people: bool,
    ) -> Outcome<()> {
        let may = [Permission::Export, Permission::ClearMonth];
        if !may.iter().any(|permission| scope.may_at(*permission, area)) {
            return Err(Refusal::Place { permission: Permission::Export }.into());
        }
        let mut entry = scope.entry(Action::Export, "result", object.to_owned(), area);
        if names_people {
            let (from, to) = span(area);
            let sql = "SELECT person_id FROM persons
                       WHERE region >= $1 AND region < $2 AND bucket <> 'no_sign_of_need'
                       UNION SELECT person_id FROM leads WHERE region >= $1 AND region < $2";
            let rows = self.database.read(|connection| connection.rows(sql, &[from.into(), to.into()]))?;
            entry.subjects = rows.iter().map(|row| row.string(0)).collect::<Outcome<_>>()?;
        }
        self.note_read(entry)
    }

    /// Who made and undid imports of a region that the scope may import for.
    pub fn roster_marks(&self, scope: &Scope, region: RegionCode) -> Outcome<Vec<RosterMark>> {
        if !scope.areas_for(Permission::ImportRosters)?.has(region) {
            return Err(Refusal::Place { permission: Permission::ImportRosters }.into());
        }
        let sql = "SELECT object_id, at, actor_name FROM audit
                   WHERE object_kind = $1 AND region = $2 ORDER BY seq";
        self.database.read(|connection| {
            let rows = connection.rows(sql, &[IMPORT.into(), (region.number() as i64).into()])?;
            let mark = |row: &crate::db::Row| {
                let at = Moment::from_millis(row.int(1)?);
                Ok(RosterMark { serial: row.string(0)?, at, by: row.string(2)? })
            };
            rows.iter().map(mark).collect()
        })
    }
}
