//! Imports count whole or not at all, also where a run breaks off.

use doudi_engine::imports::{
    self, Base, Change, Committed, CopiedRow, Correction, JournalFile, Proposal, State, WhyNotTaken, merge,
};
use doudi_engine::lake::{self, Half, Import, Staged, StoredRoster};
use doudi_engine::{DataFolder, DataLock};
use doudi_terms::Month;
use doudi_terms::roster::{Cells, ObservationBatch, RosterFile, RosterSpec};
use std::collections::BTreeMap;
use tempfile::TempDir;

fn spec() -> RosterSpec {
    serde_json::from_str(
        r#"{"id": "list", "name": "名册", "department": "部门", "columns": [
            {"name": "姓名", "kind": "person-name", "required": true}, {"name": "月额", "kind": "money"}]}"#,
    )
    .expect("a specification")
}

fn april() -> Month {
    Month::new(2020, 4).expect("a month")
}

fn rows(rows: &[(u32, &str, Option<i64>)]) -> ObservationBatch {
    ObservationBatch {
        rows: rows.iter().map(|row| row.0).collect(),
        columns: vec![
            Some(Cells::Text(rows.iter().map(|row| Some(row.1.into())).collect())),
            Some(Cells::Money(rows.iter().map(|row| row.2).collect())),
        ],
    }
}

fn staged(folder: &DataFolder, spec: &RosterSpec, serial: usize, batch: &ObservationBatch) -> Staged {
    let mut import = Import::begin(folder, spec, serial);
    import.push(batch).expect("written");
    let file = RosterFile {
        file: "名册.csv".into(),
        sheet: None,
        roster: spec.id.clone(),
        month: None,
        sha256: doudi_engine::digest::sha256_hex(format!("{batch:?}").as_bytes()),
        rows: batch.rows.len() as u32 + 1,
        rejected: 1,
        problems: Vec::new(),
    };
    import.stage(&file, april(), None).expect("staged")
}

fn commit(folder: &DataFolder, staged: Staged) -> Committed {
    let stored = staged.stored.clone();
    let by_place = BTreeMap::from([((stored.roster.clone(), april()), vec![stored.clone()])]);
    let changes: Vec<Change> = imports::proposed_changes(folder, by_place).expect("compared");
    let file = JournalFile {
        file: stored.file,
        sheet: None,
        roster: stored.roster,
        month: stored.month,
        rows: stored.rows,
        rejected: stored.rejected,
        sha256: stored.sha256,
        state: State::New,
    };
    let proposal = Proposal { staged: vec![staged], files: vec![file], changes };
    imports::commit(folder, proposal).expect("committed").expect("a change")
}

fn current(folder: &DataFolder) -> Option<Vec<StoredRoster>> {
    lake::current_of(folder, "list", april()).expect("read")
}

fn read(folder: &DataFolder, half: Half) -> Vec<ObservationBatch> {
    let stored = current(folder).expect("a list").remove(0);
    lake::read(folder, &stored, &spec(), half).expect("a file").map(|batch| batch.expect("rows")).collect()
}

#[test]
fn an_import_that_broke_off_while_it_was_switched_is_finished_by_the_next_run() {
    let (root, spec) = (TempDir::new().expect("a folder"), spec());
    let (folder, lock) = DataLock::take(root.path()).expect("locked");
    commit(&folder, staged(&folder, &spec, 1, &rows(&[(2, "甲", Some(100))])));
    let before = current(&folder);
    commit(&folder, staged(&folder, &spec, 2, &rows(&[(2, "甲", Some(200))])));
    let after = current(&folder);
    drop(lock);
    assert_ne!(before, after);
    // As if the power had gone after the entry was written and before the list was.
    let path = |name: &str| root.path().join(name);
    std::fs::create_dir_all(path("incoming")).expect("a folder");
    std::fs::rename(path("imports/2.json"), path("incoming/commit.json")).expect("moved");
    let old = serde_json::to_string(&before).expect("JSON");
    std::fs::write(path("lake/list/2020-04/current.json"), old).expect("written");
    let (folder, lock) = DataLock::take(root.path()).expect("locked");
    assert_eq!(current(&folder), after);
    assert_eq!(imports::journal(&folder).expect("entries").len(), 2);
    assert!(!path("incoming").exists());
    // While the lock is held nobody else gets in.
    let refused = DataLock::take(root.path()).err().expect("refused").to_string();
    assert!(refused.contains("正被另一个 doudi 使用"), "{refused}");
    drop(lock);
    assert!(DataLock::take(root.path()).is_ok());
}

#[test]
fn an_import_that_could_not_be_switched_waits_for_the_next_run() {
    let (root, spec) = (TempDir::new().expect("a folder"), spec());
    let (folder, lock) = DataLock::take(root.path()).expect("locked");
    // Something is in the way where the list is to be.
    let list = root.path().join("lake/list/2020-04/current.json");
    std::fs::create_dir_all(list.join("in the way")).expect("a folder");
    let staged = staged(&folder, &spec, 1, &rows(&[(2, "甲", None)]));
    let stored = staged.stored.clone();
    let after = Some(vec![stored.clone()]);
    let change = Change { roster: stored.roster, month: stored.month, before: None, after: after.clone() };
    let proposal = Proposal { staged: vec![staged], files: Vec::new(), changes: vec![change] };
    assert!(imports::commit(&folder, proposal).is_err());
    drop(lock);
    std::fs::remove_dir_all(&list).expect("cleared away");
    let (folder, _lock) = DataLock::take(root.path()).expect("locked");
    assert_eq!(current(&folder), after);
}

#[test]
fn an_import_that_is_taken_back_leaves_nothing() {
    let (root, spec) = (TempDir::new().expect("a folder"), spec());
    let (folder, lock) = DataLock::take(&root.path().join("data")).expect("locked");
    let committed = commit(&folder, staged(&folder, &spec, 1, &rows(&[(2, "甲", None)])));
    assert!(current(&folder).is_some());
    committed.revert().expect("taken back");
    assert_eq!(current(&folder), None);
    drop(lock);
    assert!(!root.path().join("data").exists(), "the folder was not there before");
}

#[test]
fn merging_takes_marked_rows_only_and_tells_of_the_others() {
    let (root, spec) = (TempDir::new().expect("a folder"), spec());
    let (folder, _lock) = DataLock::take(root.path()).expect("locked");
    // Row 4 could not be read.
    let original = rows(&[(2, "甲", Some(100)), (3, "乙", None), (5, "丁", Some(400))]);
    let base = staged(&folder, &spec, 1, &original);
    let copy = rows(&[
        (10, "甲", Some(999)),
        (11, "乙", Some(200)),
        (12, "丙", Some(300)),
        (13, "丁", Some(400)),
        (14, "戊", None),
        (15, "乙", Some(201)),
    ]);
    let copied = |row, original, marked| (row, CopiedRow { original, marked });
    let correction = Correction {
        file: "名册-错误.csv".into(),
        sha256: "abc".into(),
        batches: vec![copy],
        rows: BTreeMap::from([
            copied(10, Some(2), false),
            copied(11, Some(3), true),
            copied(12, Some(4), true),
            copied(13, Some(5), false),
            copied(14, None, false),
            copied(15, Some(3), true),
        ]),
    };
    let merged = merge(&folder, &spec, Base::Staged(&base), None, &correction, 2).expect("merged");
    assert_eq!(merged.marked.iter().copied().collect::<Vec<_>>(), [3, 4]);
    assert_eq!((merged.changed, merged.added), (2, 1));
    let told: Vec<(u32, WhyNotTaken)> =
        merged.not_taken.into_iter().map(|not_taken| (not_taken.row, not_taken.why)).collect();
    assert_eq!(
        told,
        [
            (10, WhyNotTaken::NotMarked(vec!["月额".into()])),
            (14, WhyNotTaken::Added),
            (15, WhyNotTaken::Twice(3)),
        ]
    );
    let first = base.stored.clone();
    let stored = merged.staged.stored.clone();
    assert_eq!((stored.rows, stored.rejected), (first.rows, 0));
    assert_eq!((stored.first_key(), &stored.file), (first.key.as_str(), &first.file));
    assert_eq!(stored.corrections, ["abc"]);
    commit(&folder, merged.staged);
    let all = rows(&[(2, "甲", Some(100)), (3, "乙", Some(200)), (4, "丙", Some(300)), (5, "丁", Some(400))]);
    for (half, at) in [(Half::Identity, 0), (Half::Facts, 1)] {
        let read = read(&folder, half);
        assert_eq!(read.len(), 1);
        assert_eq!((&read[0].rows, &read[0].columns[at]), (&all.rows, &all.columns[at]));
    }
}

#[test]
fn two_copies_that_correct_a_half_each_do_not_undo_one_another() {
    let (root, spec) = (TempDir::new().expect("a folder"), spec());
    let (folder, _lock) = DataLock::take(root.path()).expect("locked");
    let base = staged(&folder, &spec, 1, &rows(&[(2, "甲", None), (3, "乙", None)]));
    let correction = |sha256: &str, cells: [(u32, &str, Option<i64>); 2]| Correction {
        file: "名册-错误.csv".into(),
        sha256: sha256.into(),
        batches: vec![rows(&cells)],
        rows: [2, 3].map(|row| (row, CopiedRow { original: Some(row), marked: true })).into(),
    };
    let one = correction("one", [(2, "甲", Some(100)), (3, "乙", None)]);
    let one = merge(&folder, &spec, Base::Staged(&base), None, &one, 2).expect("merged").staged;
    // The other has the first row's name put right, and its amount still as it was.
    let other = correction("other", [(2, "甲一", None), (3, "乙", Some(200))]);
    let first = Some(Base::Staged(&base));
    let both = merge(&folder, &spec, Base::Staged(&one), first, &other, 3).expect("merged");
    assert_eq!(both.changed, 2);
    let untouched = correction("none", [(2, "甲", None), (3, "乙", None)]);
    let none = merge(&folder, &spec, Base::Staged(&both.staged), first, &untouched, 4).expect("merged");
    assert_eq!((none.changed, none.not_taken), (0, Vec::new()));
    commit(&folder, both.staged);
    let all = rows(&[(2, "甲一", Some(100)), (3, "乙", Some(200))]);
    for (half, at) in [(Half::Identity, 0), (Half::Facts, 1)] {
        assert_eq!(read(&folder, half)[0].columns[at], all.columns[at]);
    }
}

#[test]
fn a_marked_row_with_a_number_that_no_unread_row_can_have_is_not_taken() {
    let (root, spec) = (TempDir::new().expect("a folder"), spec());
    let (folder, _lock) = DataLock::take(root.path()).expect("locked");
    let mut base = staged(&folder, &spec, 1, &rows(&[(2, "甲", None)]));
    base.stored.rejected = 0;
    let correction = Correction {
        file: "名册-错误.csv".into(),
        sha256: "abc".into(),
        batches: vec![rows(&[(4, "甲", Some(100))])],
        rows: [(4, CopiedRow { original: Some(3), marked: true })].into(),
    };
    let merged = merge(&folder, &spec, Base::Staged(&base), None, &correction, 2).expect("merged");
    assert_eq!((merged.changed, merged.added), (0, 0));
    assert_eq!(merged.not_taken.len(), 1);
    assert_eq!(merged.absent, [2]);
}
