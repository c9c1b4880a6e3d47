//! Links: which person each row of a roster speaks of, as linkage answered, kept in the data folder.

use crate::content::Content;
use crate::data_folder::DataFolder;
use crate::error::{EngineError, Outcome};
use crate::identity::{IdentityColumns, sex_and_birth};
use crate::lake::{self, Half, StoredRoster};
use crate::parquet_file::{ParquetFile, read_batches};
use crate::two_threads::jobs_in_two_threads;
use arrow_array::{
    Array, ArrayRef, Float64Array, RecordBatch, StringArray, UInt8Array, UInt32Array, UInt64Array,
};
use arrow_schema::{DataType, Field, Schema};
use doudi_linkage::{Index, LinkClass, MatchGrade, RosterRow, SharedNumbers, Weights, WhyNot};
use doudi_terms::roster::RosterSpec;
use doudi_terms::{RegionCode, ResidentId, Sex};
use std::collections::BTreeSet;
use std::path::PathBuf;
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

/// Whether this roster was linked to this register before.
pub(crate) fn are_stored(folder: &DataFolder, register: &str, stored: &StoredRoster) -> bool {
    path(folder, register, stored).is_file()
}

/// Links the rosters that were never linked to this register, two at a time: they do not see each other.
pub(crate) fn link_rosters(
    folder: &DataFolder,
    register: &str,
    index: &Index,
    rosters: &[StoredRoster],
    content: &Content,
) -> Outcome<()> {
    let mut seen: BTreeSet<PathBuf> = BTreeSet::new();
    let unlinked = rosters.iter().filter(|stored| {
        !are_stored(folder, register, stored) && seen.insert(path(folder, register, stored))
    });
    let mut jobs: Vec<(&StoredRoster, &RosterSpec)> =
        unlinked.filter_map(|stored| Some((stored, content.spec(&stored.roster)?.1))).collect();
    // The largest first, so that no thread is left with it at the end.
    jobs.sort_by_key(|(stored, _)| std::cmp::Reverse(stored.rows));
    let weights = content.weights()?;
    let link = |(stored, spec): (&StoredRoster, &RosterSpec)| {
        link_roster(folder, register, (index, weights.of(&spec.id)), stored, spec)
    };
    jobs_in_two_threads(jobs, link).into_iter().collect()
}

/// Links every row of a stored roster and keeps the answers; once more where a number turned out to stand for nobody.
fn link_roster(
    folder: &DataFolder,
    register: &str,
    matcher: (&Index, &Weights),
    stored: &StoredRoster,
    spec: &RosterSpec,
) -> Outcome<()> {
    let mut shared = SharedNumbers::default();
    let pass = |known: Option<&SharedNumbers>, seen: &mut SharedNumbers| -> Outcome<ParquetFile> {
        let columns = IdentityColumns::of(spec);
        let mut file = ParquetFile::create(&path(folder, register, stored), Arc::new(schema()))?;
        for batch in lake::read(folder, stored, spec, Half::Identity)? {
            let batch = batch?;
            let mut records = Vec::with_capacity(batch.rows.len());
            for at in 0..batch.rows.len() {
                let mut row = columns.roster_row(&batch, at);
                if known.is_some_and(|known| known.is_placeholder(&row)) {
                    row.id_number = "";
                }
                let record = record(matcher, &row, batch.rows[at]);
                if record.grade != MatchGrade::A {
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

fn record((index, weights): (&Index, &Weights), row: &RosterRow<'_>, number: u32) -> LinkRecord {
    let answer = index.answer(row, weights);
    let opens = answer.class == LinkClass::None && answer.unlinked == Some(WhyNot::NotInRegister);
    let lost = answer.class == LinkClass::None && !opens;
    LinkRecord {
        namesakes: if lost { index.namesakes(row.name, MOST_NAMESAKES) } else { Vec::new() },
        row: number,
        class: answer.class,
        person: answer.person,
        probability: answer.probability,
        grade: answer.grade,
        why: answer.unlinked,
        newcomer: answer.id.filter(|_| opens).map(|id| {
            Box::new(Newcomer {
                id,
                name: row.name.into(),
                region: row.region,
                address: row.address.into(),
                phone: row.phone.into(),
            })
        }),
    }
}

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

fn to_arrow(records: &[LinkRecord]) -> Outcome<RecordBatch> {
    let newcomer = |text: &dyn Fn(&Newcomer) -> String| -> ArrayRef {
        let texts = records.iter().map(|record| record.newcomer.as_deref().map(text));
        Arc::new(texts.collect::<StringArray>())
    };
    let regions = records.iter().map(|r| r.newcomer.as_ref()?.region.map(RegionCode::number));
    let whys = records.iter().map(|r| r.why.as_ref().map(|why| number_of(&WHYS, why)));
    let columns: Vec<ArrayRef> = vec![
        Arc::new(UInt32Array::from_iter_values(records.iter().map(|r| r.row))),
        Arc::new(records.iter().map(|r| r.person).collect::<UInt32Array>()),
        Arc::new(UInt8Array::from_iter_values(records.iter().map(|r| number_of(&CLASSES, &r.class)))),
        Arc::new(UInt8Array::from_iter_values(records.iter().map(|r| number_of(&GRADES, &r.grade)))),
        Arc::new(Float64Array::from_iter_values(records.iter().map(|r| r.probability))),
        Arc::new(whys.collect::<UInt8Array>()),
        newcomer(&|n| n.id.to_string()),
        newcomer(&|n| n.name.to_string()),
        Arc::new(regions.collect::<UInt64Array>()),
        newcomer(&|n| n.address.to_string()),
        newcomer(&|n| n.phone.to_string()),
        Arc::new(records.iter().map(namesakes_text).collect::<StringArray>()),
    ];
    RecordBatch::try_new(Arc::new(schema()), columns).map_err(|e| EngineError::Internal(e.to_string()))
}

/// Reads the stored answers of a roster, in file order.
pub(crate) fn read_links(
    folder: &DataFolder,
    register: &str,
    stored: &StoredRoster,
) -> Outcome<Vec<LinkRecord>> {
    let path = path(folder, register, stored);
    let mut records = Vec::new();
    for batch in read_batches(&path)? {
        let batch = batch.map_err(|error| EngineError::damaged(&path, error))?;
        from_arrow(&batch, &mut records).ok_or_else(|| EngineError::damaged(&path, "列不对"))?;
    }
    Ok(records)
}

fn from_arrow(batch: &RecordBatch, records: &mut Vec<LinkRecord>) -> Option<()> {
    fn column<'b, T: 'static>(batch: &'b RecordBatch, name: &str) -> Option<&'b T> {
        batch.column_by_name(name)?.as_any().downcast_ref::<T>()
    }
    let rows: &UInt32Array = column(batch, "row")?;
    let persons: &UInt32Array = column(batch, "person")?;
    let classes: &UInt8Array = column(batch, "class")?;
    let grades: &UInt8Array = column(batch, "grade")?;
    let probabilities: &Float64Array = column(batch, "probability")?;
    let whys: &UInt8Array = column(batch, "why")?;
    let ids: &StringArray = column(batch, "id")?;
    let names: &StringArray = column(batch, "name")?;
    let regions: &UInt64Array = column(batch, "region")?;
    let addresses: &StringArray = column(batch, "address")?;
    let phones: &StringArray = column(batch, "phone")?;
    let namesakes: &StringArray = column(batch, "namesakes")?;
    for at in 0..batch.num_rows() {
        let newcomer = match ids.is_valid(at).then(|| ResidentId::parse(ids.value(at))) {
            Some(Ok(id)) => Some(Box::new(Newcomer {
                id,
                name: names.value(at).into(),
                region: regions.is_valid(at).then(|| RegionCode::from_number(regions.value(at))).flatten(),
                address: addresses.value(at).into(),
                phone: phones.value(at).into(),
            })),
            _ => None,
        };
        records.push(LinkRecord {
            row: rows.value(at),
            class: *CLASSES.get(usize::from(classes.value(at)))?,
            person: persons.is_valid(at).then(|| persons.value(at)),
            probability: probabilities.value(at),
            grade: *GRADES.get(usize::from(grades.value(at)))?,
            why: whys.is_valid(at).then(|| WHYS.get(usize::from(whys.value(at)))).flatten().copied(),
            newcomer,
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
