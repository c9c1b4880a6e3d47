//! Links: which person each row of a roster speaks of, as linkage answered, kept in the data folder.

use crate::content::Content;
use crate::data_folder::DataFolder;
use crate::error::{EngineError, Outcome};
use crate::identity::{StoredTexts, sex_and_birth};
use crate::lake::{self, StoredRoster};
use crate::links_before::{Known, LinksBefore, Target};
use crate::parquet_file::{ParquetFile, read_columns};
use crate::shared_phones;
use crate::two_threads::jobs_in_two_threads;
use crate::who_is_who::writing;
use arrow_array::{
    Array, ArrayRef, BinaryArray, Float64Array, RecordBatch, StringArray, UInt8Array, UInt32Array,
    UInt64Array,
};
use arrow_schema::{DataType, Field, Schema};
use doudi_linkage::{Changes, Index, Kept, LinkClass, MatchGrade, RosterRow, SharedNumbers, Weights, WhyNot};
use doudi_terms::roster::RosterSpec;
use doudi_terms::{RegionCode, ResidentId, Sex};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A name that more people share casts doubt on none of them: nobody could go and ask them all.
const MOST_NAMESAKES: usize = 8;

/// Linkage's answer for one row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LinkRecord {
    pub row: u32,
    pub class: LinkClass,
    pub person: Option<u32>,
    pub probability: f64,
    pub grade: MatchGrade,
    pub why: Option<WhyNot>,
    /// For a valid number that nobody in the register has: who it would be.
    pub newcomer: Option<Box<Newcomer>>,
    /// Whom a row that identifies nobody may mean: everybody of its name, if they are few.
    pub namesakes: Vec<u32>,
    /// Of the number and name as the row writes them: what people answer about a row is kept under it.
    pub writing: u64,
    /// What a row says that found nobody: a later month may know whom it means.
    pub cells: Option<Box<RowCells>>,
}

/// The identity cells of a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RowCells {
    id_number: String,
    name: String,
    birth: Option<String>,
    male: Option<bool>,
    region: Option<u64>,
    address: String,
    phone: String,
    account: String,
    certificate: bool,
}

impl RowCells {
    fn of(row: &RosterRow<'_>) -> RowCells {
        RowCells {
            id_number: row.id_number.to_owned(),
            name: row.name.to_owned(),
            birth: row.birth.map(str::to_owned),
            male: row.sex.map(|sex| sex == Sex::Male),
            region: row.region.map(RegionCode::number),
            address: row.address.to_owned(),
            phone: row.phone.to_owned(),
            account: row.account.to_owned(),
            certificate: row.disability_certificate,
        }
    }

    pub fn row(&self) -> RosterRow<'_> {
        RosterRow {
            id_number: &self.id_number,
            name: &self.name,
            birth: self.birth.as_deref(),
            sex: self.male.map(|male| if male { Sex::Male } else { Sex::Female }),
            region: self.region.and_then(RegionCode::from_number),
            address: &self.address,
            phone: &self.phone,
            account: &self.account,
            disability_certificate: self.certificate,
        }
    }
}

/// Somebody whom only a roster knows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Newcomer {
    pub id: ResidentId,
    pub name: Box<str>,
    pub region: Option<RegionCode>,
    pub address: Box<str>,
    pub phone: Box<str>,
}

impl Newcomer {
    /// The same next month: from the number alone.
    pub fn person_id(&self) -> String {
        format!("N{}", &crate::digest::sha256_hex(self.id.as_str().as_bytes())[..12])
    }

    pub fn sex_and_birth(&self) -> (Option<Sex>, Option<i32>) {
        sex_and_birth(Some(self.id), None, "")
    }
}

fn path(folder: &DataFolder, register: &str, stored: &StoredRoster) -> PathBuf {
    folder.links(register).join(format!("{}-{}-{}.parquet", stored.roster, stored.month, stored.key))
}

/// Everybody whom the rosters linked to a register know and it does not, each once by number.
pub(crate) fn newcomers(folder: &DataFolder, register: &str) -> Outcome<Vec<Newcomer>> {
    let place = folder.links(register);
    if !place.is_dir() {
        return Ok(Vec::new());
    }
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(&place).map_err(EngineError::io(&place))? {
        paths.push(entry.map_err(EngineError::io(&place))?.path());
    }
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "parquet"));
    paths.sort();
    let mut known = BTreeSet::new();
    let mut found = Vec::new();
    for path in paths {
        for batch in read_columns(folder.spot(&path), |name| NEWCOMER_COLUMNS.contains(&name))? {
            let batch = batch.map_err(|error| EngineError::damaged(&path, error))?;
            let columns = NewcomerColumns::of(&batch).ok_or_else(|| EngineError::damaged(&path, "列不对"))?;
            let all = (0..batch.num_rows()).filter_map(|at| columns.get(at));
            found.extend(all.filter(|newcomer| known.insert(newcomer.id)));
        }
    }
    Ok(found)
}

/// Whether this roster was linked to this register before.
pub(crate) fn are_stored(folder: &DataFolder, register: &str, stored: &StoredRoster) -> bool {
    path(folder, register, stored).is_file()
}

/// Links the rosters that were never linked to this register, two at a time: they do not see each other.
pub(crate) fn link_rosters(
    folder: &DataFolder,
    Target { key: register, phones, .. }: &Target<'_>,
    index: &Index,
    rosters: &[StoredRoster],
    content: &Content,
    before: &LinksBefore,
) -> Outcome<()> {
    shared_phones::keep_of_links(folder, &folder.links(register), phones)?;
    let mut seen: BTreeSet<PathBuf> = BTreeSet::new();
    let unlinked = rosters.iter().filter(|stored| {
        !are_stored(folder, register, stored) && seen.insert(path(folder, register, stored))
    });
    let mut jobs: Vec<(&StoredRoster, &RosterSpec)> =
        unlinked.filter_map(|stored| Some((stored, content.spec(&stored.roster)?.1))).collect();
    // The largest first, so that no thread is left with it at the end.
    jobs.sort_by_key(|(stored, _)| std::cmp::Reverse(stored.rows));
    let weights = content.weights()?.with_shared_phones(phones);
    let link = |(stored, spec): (&StoredRoster, &RosterSpec)| {
        let weights = weights.of(&spec.id);
        let (known, changes) = before.of(&spec.id, weights);
        let matcher = Matcher { index, weights, known, changes };
        link_roster(folder, register, matcher, stored, spec)
    };
    jobs_in_two_threads(jobs, link).into_iter().collect()
}

/// What a row of one roster is asked of.
struct Matcher<'m> {
    index: &'m Index,
    weights: &'m Weights,
    known: Known,
    changes: &'m Changes,
}

/// An answer, and what is kept of it for next month's row that says the same.
struct Answered {
    link: LinkRecord,
    /// Of all that the row says.
    digest: u64,
    /// As [`doudi_linkage::Answered::keys`].
    keys: Vec<u32>,
}

/// What was kept for a row.
#[derive(Clone, Debug)]
pub(crate) struct KnownRow {
    pub digest: u64,
    /// As [`LinkRecord::writing`].
    pub writing: u64,
    pub kept: Kept,
    /// Where the keys stand among those of all rows.
    pub keys: Range<u32>,
}

/// What was kept for rows, in their order.
#[derive(Default)]
pub(crate) struct KnownRows {
    pub rows: Vec<KnownRow>,
    pub keys: Vec<u32>,
}

/// Links every row of a stored roster and keeps the answers; once more where a number turned out to stand for nobody.
fn link_roster(
    folder: &DataFolder,
    register: &str,
    mut matcher: Matcher<'_>,
    stored: &StoredRoster,
    spec: &RosterSpec,
) -> Outcome<()> {
    let mut shared = SharedNumbers::default();
    let target = path(folder, register, stored);
    let mut pass = |known: Option<&SharedNumbers>, seen: &mut SharedNumbers| -> Outcome<ParquetFile> {
        let mut file = ParquetFile::create_sparing(folder.spot(&target), Arc::new(schema()), &ALL_DIFFERENT)?;
        matcher.known.begin_again();
        for batch in lake::read_identity(folder, stored, spec, None)? {
            let batch = batch?;
            let texts = StoredTexts::of(spec, &batch);
            let numbers =
                lake::row_numbers(&batch).ok_or_else(|| EngineError::damaged(&target, "没有行号"))?;
            let mut records = Vec::with_capacity(numbers.len());
            for (at, number) in numbers.iter().enumerate() {
                let mut row = texts.roster_row(at);
                if known.is_some_and(|known| known.is_placeholder(&row)) {
                    row.id_number = "";
                }
                let record = record(&mut matcher, &row, *number);
                if record.link.grade != MatchGrade::A {
                    seen.see(&row);
                }
                records.push(record);
            }
            file.write(&to_arrow(&records)?)?;
        }
        Ok(file)
    };
    let file = pass(None, &mut shared)?;
    if shared.placeholders() == 0 {
        return file.finish();
    }
    drop(file);
    pass(Some(&shared), &mut SharedNumbers::default())?.finish()
}

fn record(matcher: &mut Matcher<'_>, row: &RosterRow<'_>, number: u32) -> Answered {
    let Matcher { index, weights, known, changes } = matcher;
    let digest = row.digest();
    let before = known.find(digest);
    let writing = before.map_or_else(|| writing(row.id_number, row.name), |(before, _)| before.writing);
    // What was said of a phone that counts otherwise now is of no use.
    let before = before.filter(|_| !changes.touch_phone(row));
    let settled =
        before.and_then(|(before, keys)| Some((changes.settled_again(before.kept, keys)?, keys.to_vec())));
    let (link, id, keys) = settled.map(|(link, keys)| (link, None, keys)).unwrap_or_else(|| {
        let before = || before.map(|(before, _)| before.kept);
        let answered = index.answer_again(row, weights, changes, before);
        (answered.answer, answered.id, answered.keys)
    });
    let opens = link.class == LinkClass::None && link.unlinked == Some(WhyNot::NotInRegister);
    let lost = link.class == LinkClass::None && !opens;
    let record = LinkRecord {
        namesakes: if lost { index.namesakes(row.name, MOST_NAMESAKES) } else { Vec::new() },
        row: number,
        class: link.class,
        person: link.person.filter(|_| link.class != LinkClass::None),
        probability: link.probability,
        grade: link.grade,
        why: link.unlinked,
        newcomer: id.filter(|_| opens).map(|id| {
            Box::new(Newcomer {
                id,
                name: row.name.into(),
                region: row.region,
                address: row.address.into(),
                phone: row.phone.into(),
            })
        }),
        writing,
        cells: (link.class == LinkClass::None).then(|| Box::new(RowCells::of(row))),
    };
    Answered { link: record, digest, keys }
}

/// Columns of which hardly any value comes twice.
const ALL_DIFFERENT: [&str; 5] = ["row", "person", "digest", "writing", "keys"];

fn schema() -> Schema {
    let field = |name: &str, ty, null| Field::new(name, ty, null);
    Schema::new(vec![
        field("row", DataType::UInt32, false),
        field("person", DataType::UInt32, true),
        field("class", DataType::UInt8, false),
        field("grade", DataType::UInt8, false),
        field("probability", DataType::Float64, false),
        field("why", DataType::UInt8, true),
        field("id", DataType::Utf8, true),
        field("name", DataType::Utf8, true),
        field("region", DataType::UInt64, true),
        field("address", DataType::Utf8, true),
        field("phone", DataType::Utf8, true),
        field("namesakes", DataType::Utf8, true),
        field("digest", DataType::UInt64, false),
        field("keys", DataType::Binary, true),
        field("writing", DataType::UInt64, false),
        field("cells", DataType::Utf8, true),
    ])
}

const CLASSES: [LinkClass; 3] = [LinkClass::Auto, LinkClass::Review, LinkClass::None];
const GRADES: [MatchGrade; 3] = [MatchGrade::A, MatchGrade::B, MatchGrade::C];
const WHYS: [WhyNot; 5] = [
    WhyNot::NoUsableIdentity,
    WhyNot::NotInRegister,
    WhyNot::Ambiguous,
    WhyNot::BorrowedId,
    WhyNot::NobodyFits,
];

fn number_of<T: PartialEq>(list: &[T], value: &T) -> u8 {
    list.iter().position(|known| known == value).unwrap_or(0) as u8
}

fn namesakes_text(record: &LinkRecord) -> Option<String> {
    let numbers: Vec<String> = record.namesakes.iter().map(u32::to_string).collect();
    (!numbers.is_empty()).then(|| numbers.join(";"))
}

fn to_arrow(records: &[Answered]) -> Outcome<RecordBatch> {
    let links = || records.iter().map(|record| &record.link);
    let keys = |record: &Answered| -> Option<Vec<u8>> {
        let keys = record.keys.iter().flat_map(|key| key.to_le_bytes());
        (!record.keys.is_empty()).then(|| keys.collect())
    };
    let newcomer = |text: &dyn Fn(&Newcomer) -> String| -> ArrayRef {
        Arc::new(links().map(|link| link.newcomer.as_deref().map(text)).collect::<StringArray>())
    };
    let regions = links().map(|r| r.newcomer.as_ref()?.region.map(RegionCode::number));
    let cells = links().map(|r| serde_json::to_string(r.cells.as_deref()?).ok());
    let whys = links().map(|r| r.why.as_ref().map(|why| number_of(&WHYS, why)));
    let columns: Vec<ArrayRef> = vec![
        Arc::new(UInt32Array::from_iter_values(links().map(|r| r.row))),
        Arc::new(links().map(|r| r.person).collect::<UInt32Array>()),
        Arc::new(UInt8Array::from_iter_values(links().map(|r| number_of(&CLASSES, &r.class)))),
        Arc::new(UInt8Array::from_iter_values(links().map(|r| number_of(&GRADES, &r.grade)))),
        Arc::new(Float64Array::from_iter_values(links().map(|r| r.probability))),
        Arc::new(whys.collect::<UInt8Array>()),
        newcomer(&|n| n.id.to_string()),
        newcomer(&|n| n.name.to_string()),
        Arc::new(regions.collect::<UInt64Array>()),
        newcomer(&|n| n.address.to_string()),
        newcomer(&|n| n.phone.to_string()),
        Arc::new(links().map(namesakes_text).collect::<StringArray>()),
        Arc::new(UInt64Array::from_iter_values(records.iter().map(|record| record.digest))),
        Arc::new(records.iter().map(keys).collect::<BinaryArray>()),
        Arc::new(UInt64Array::from_iter_values(links().map(|r| r.writing))),
        Arc::new(cells.collect::<StringArray>()),
    ];
    RecordBatch::try_new(Arc::new(schema()), columns).map_err(|e| EngineError::Internal(e.to_string()))
}

/// Hands out the stored answers of a roster, in file order, batch by batch: all at once take much memory.
pub(crate) fn read_links(
    folder: &DataFolder,
    register: &str,
    stored: &StoredRoster,
) -> Outcome<impl Iterator<Item = Outcome<Vec<LinkRecord>>> + use<>> {
    let path = path(folder, register, stored);
    let batches = read_columns(folder.spot(&path), |name| !matches!(name, "digest" | "keys"))?;
    Ok(batches.map(move |batch| {
        let batch = batch.map_err(|error| EngineError::damaged(&path, error))?;
        let mut records = Vec::with_capacity(batch.num_rows());
        from_arrow(&batch, &mut records).ok_or_else(|| EngineError::damaged(&path, "列不对"))?;
        Ok(records)
    }))
}

/// Adds what a file keeps for next month's rows.
pub(crate) fn read_known(folder: &DataFolder, path: &Path, found: &mut KnownRows) -> Outcome<()> {
    const COLUMNS: [&str; 8] =
        ["digest", "writing", "keys", "person", "class", "grade", "probability", "why"];
    for batch in read_columns(folder.spot(path), |name| COLUMNS.contains(&name))? {
        let batch = batch.map_err(|error| EngineError::damaged(path, error))?;
        known_from_arrow(&batch, found).ok_or_else(|| EngineError::damaged(path, "列不对"))?;
    }
    Ok(())
}

fn known_from_arrow(batch: &RecordBatch, found: &mut KnownRows) -> Option<()> {
    let digests: &UInt64Array = column(batch, "digest")?;
    let writings: &UInt64Array = column(batch, "writing")?;
    let keys: &BinaryArray = column(batch, "keys")?;
    let persons: &UInt32Array = column(batch, "person")?;
    let classes: &UInt8Array = column(batch, "class")?;
    let grades: &UInt8Array = column(batch, "grade")?;
    let probabilities: &Float64Array = column(batch, "probability")?;
    let whys: &UInt8Array = column(batch, "why")?;
    found.rows.reserve(batch.num_rows());
    for at in 0..batch.num_rows() {
        let kept = Kept {
            class: *CLASSES.get(usize::from(classes.value(at)))?,
            person: persons.is_valid(at).then(|| persons.value(at)),
            probability: probabilities.value(at),
            grade: *GRADES.get(usize::from(grades.value(at)))?,
            unlinked: whys.is_valid(at).then(|| WHYS.get(usize::from(whys.value(at)))).flatten().copied(),
        };
        let from = found.keys.len() as u32;
        if keys.is_valid(at) {
            let keys = keys.value(at).as_chunks::<4>().0;
            found.keys.extend(keys.iter().map(|key| u32::from_le_bytes(*key)));
        }
        found.rows.push(KnownRow {
            digest: digests.value(at),
            writing: writings.value(at),
            kept,
            keys: from..found.keys.len() as u32,
        });
    }
    Some(())
}

const NEWCOMER_COLUMNS: [&str; 5] = ["id", "name", "region", "address", "phone"];

/// The columns that say who a newcomer is.
struct NewcomerColumns<'b> {
    ids: &'b StringArray,
    names: &'b StringArray,
    regions: &'b UInt64Array,
    addresses: &'b StringArray,
    phones: &'b StringArray,
}

impl<'b> NewcomerColumns<'b> {
    fn of(batch: &'b RecordBatch) -> Option<NewcomerColumns<'b>> {
        Some(NewcomerColumns {
            ids: column(batch, "id")?,
            names: column(batch, "name")?,
            regions: column(batch, "region")?,
            addresses: column(batch, "address")?,
            phones: column(batch, "phone")?,
        })
    }

    fn get(&self, at: usize) -> Option<Newcomer> {
        let id = self.ids.is_valid(at).then(|| ResidentId::parse(self.ids.value(at)).ok())??;
        let region = self.regions.is_valid(at).then(|| RegionCode::from_number(self.regions.value(at)));
        Some(Newcomer {
            id,
            name: self.names.value(at).into(),
            region: region.flatten(),
            address: self.addresses.value(at).into(),
            phone: self.phones.value(at).into(),
        })
    }
}

fn column<'b, T: 'static>(batch: &'b RecordBatch, name: &str) -> Option<&'b T> {
    batch.column_by_name(name)?.as_any().downcast_ref::<T>()
}

fn from_arrow(batch: &RecordBatch, records: &mut Vec<LinkRecord>) -> Option<()> {
    let rows: &UInt32Array = column(batch, "row")?;
    let persons: &UInt32Array = column(batch, "person")?;
    let classes: &UInt8Array = column(batch, "class")?;
    let grades: &UInt8Array = column(batch, "grade")?;
    let probabilities: &Float64Array = column(batch, "probability")?;
    let whys: &UInt8Array = column(batch, "why")?;
    let newcomers = NewcomerColumns::of(batch)?;
    let namesakes: &StringArray = column(batch, "namesakes")?;
    let writings: &UInt64Array = column(batch, "writing")?;
    let cells: &StringArray = column(batch, "cells")?;
    for at in 0..batch.num_rows() {
        let cells = match cells.is_valid(at) {
            true => Some(Box::new(serde_json::from_str(cells.value(at)).ok()?)),
            false => None,
        };
        records.push(LinkRecord {
            writing: writings.value(at),
            cells,
            row: rows.value(at),
            class: *CLASSES.get(usize::from(classes.value(at)))?,
            person: persons.is_valid(at).then(|| persons.value(at)),
            probability: probabilities.value(at),
            grade: *GRADES.get(usize::from(grades.value(at)))?,
            why: whys.is_valid(at).then(|| WHYS.get(usize::from(whys.value(at)))).flatten().copied(),
            newcomer: newcomers.get(at).map(Box::new),
            namesakes: namesakes
                .is_valid(at)
                .then(|| namesakes.value(at))
                .map_or(Some(Vec::new()), |text| {
                    text.split(';').map(|number| number.parse().ok()).collect()
                })?,
        });
    }
    Some(())
}
