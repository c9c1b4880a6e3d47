//! The rosters of a data folder, served to the office's pages: what `doudi roster import` and `doudi clear` do, for people
//! who have a browser. What has come lies in `uploads/` until somebody decides.

mod job;
mod look;
mod masked;
pub mod names;
mod results;

use crate::commands::clear::{Progress, Stop};
use crate::commands::import::{self, Imported, Source, System, WantedMonth, Wish};
use crate::commands::vault::{KeyArgs, roster_bytes};
use crate::content::{self, ContentFile};
use crate::divisions::Divisions;
use doudi_engine::imports::{self, EntryKind, JournalEntry, State};
use doudi_engine::{DataFolder, DataWriter, lake};
use doudi_rosters::{OpenFile, Source as Bytes, SpecSet, error_workbook, error_workbook_name};
use doudi_store::Store;
use doudi_terms::{Month, Problem, RegionCode};
use doudi_web::{
    Arrival, CommitWish, Committed, Draft, DraftLine, ImportLine, Overview, ResultFile, RosterDesk, Sink,
    Told,
};
use job::Jobs;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Longer names are somebody's joke.
const LONGEST_NAME: usize = 120;

pub struct Desk {
    region: RegionCode,
    data: PathBuf,
    key: KeyArgs,
    store: Arc<Store>,
    divisions: Divisions,
    jobs: Jobs,
}

/// A desk as the pages know it.
pub struct OpenDesk(Arc<Desk>);

impl OpenDesk {
    /// `region`: whose rosters the folder holds; where it is not said, the one region that was cleared there. `None` where
    /// nobody can know.
    pub fn open(
        data: &Path,
        key: &KeyArgs,
        region: Option<RegionCode>,
        store: Arc<Store>,
    ) -> Result<Option<OpenDesk>, Stop> {
        let Some(region) = region.or_else(|| cleared_region(data)) else { return Ok(None) };
        let key = key.kept(data)?;
        if data.exists() {
            // Without its key nothing could be done in it.
            key.existing(data)?;
        }
        let (data, divisions, jobs) = (data.to_owned(), Divisions::read(), Jobs::open(data));
        Ok(Some(OpenDesk(Arc::new(Desk { region, data, key, store, divisions, jobs }))))
    }
}

/// The one region of a folder that holds every other that was cleared there.
fn cleared_region(data: &Path) -> Option<RegionCode> {
    let entries = std::fs::read_dir(data.join("clearings")).ok()?.flatten();
    let regions: Vec<RegionCode> =
        entries.filter_map(|entry| RegionCode::parse(&entry.file_name().to_string_lossy()).ok()).collect();
    regions.iter().copied().find(|region| regions.iter().all(|other| other.is_within(*region)))
}

impl Desk {
    fn specs(&self) -> Told<Vec<ContentFile>> {
        names::with_local(content::specs(None)?, &self.data)
    }

    fn set(&self) -> Told<(Vec<ContentFile>, SpecSet)> {
        let specs = self.specs()?;
        let set = spec_set(&specs)?;
        Ok((specs, set))
    }

    fn folder_of_data(&self) -> Told<DataFolder> {
        self.key.open(&self.data).map_err(|stop| stop.message)
    }

    /// The content of a draft's file.
    fn bytes(&self, draft: &str) -> Told<Bytes> {
        Ok(roster_bytes(&self.folder_of_data()?, &self.file(draft)?))
    }

    fn folder(&self, draft: &str) -> Option<PathBuf> {
        let is_ours = !draft.is_empty() && draft.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_ours.then(|| self.data.join("uploads").join(draft))
    }

    fn note(&self, draft: &str) -> Option<PathBuf> {
        self.folder(draft).map(|folder| folder.with_extension("json"))
    }

    /// The file of a draft.
    fn file(&self, draft: &str) -> Told<PathBuf> {
        let gone = || "传上来的文件已经不在了。请再传一次".to_owned();
        let folder = self.folder(draft).ok_or_else(gone)?;
        let mut files = std::fs::read_dir(folder).map_err(|_| gone())?.flatten();
        // Hidden is what is being made of it.
        let own = files.find(|entry| !entry.file_name().to_string_lossy().starts_with('.'));
        own.map(|entry| entry.path()).ok_or_else(gone)
    }

    fn import(&self, draft: &str, wish: &CommitWish) -> Told<Imported> {
        let known = self.known(draft).ok_or("传上来的文件已经不在了。请再传一次")?;
        if let Some(why) = known.against.first() {
            return Err(why.clone());
        }
        if wish.month.is_none() && known.sheets.iter().any(|sheet| sheet.month.is_empty()) {
            return Err("文件里没有写是哪个月的。请填“月份”一栏".to_owned());
        }
        let path = self.file(draft)?;
        let (specs, set) = self.set()?;
        let few = known.sheets.iter().map(|sheet| sheet.roster.clone()).filter(|_| wish.accept_small);
        let progress = Progress::telling(Box::new(|_| {}));
        let (folder, _lock) = self.key.take(&self.data).map_err(|stop| stop.message)?;
        let source = Source {
            set: &set,
            specs: &specs,
            divisions: &self.divisions,
            folder: &folder,
            progress: &progress,
        };
        let wish = Wish {
            paths: vec![path],
            month: wish.month.map_or(WantedMonth::Stated, WantedMonth::Asked),
            prefer: None,
            strict: false,
            code_system: System::parse(&wish.code_system),
            accept_small: few.collect(),
        };
        import::import(&source, &wish).map_err(in_a_browser)
    }

    fn known(&self, draft: &str) -> Option<Draft> {
        let text = self.folder_of_data().ok()?.read(&self.note(draft)?).ok()?;
        serde_json::from_slice(&text).ok()
    }

    fn keep(&self, draft: &str, found: &Draft) -> Told<()> {
        let note = self.note(draft).ok_or("没有这个文件")?;
        let text = serde_json::to_vec(found).map_err(|error| error.to_string())?;
        self.folder_of_data()?.write(&note, &text).map_err(|error| error.to_string())
    }

    fn drafts(&self) -> Vec<DraftLine> {
        let entries = std::fs::read_dir(self.data.join("uploads")).into_iter().flatten().flatten();
        let mut ids: Vec<String> = entries
            .filter_map(|entry| Some(entry.file_name().to_str()?.strip_suffix(".json")?.to_owned()))
            .collect();
        ids.sort();
        let line = |id: String| {
            let Draft { file, by, at, .. } = self.known(&id)?;
            Some(DraftLine { id, file, by, at })
        };
        ids.into_iter().filter_map(line).collect()
    }
}

/// A file on its way to its place.
struct Arriving(DataWriter);

impl std::io::Write for Arriving {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

impl Sink for Arriving {
    fn finish(self: Box<Self>) -> std::io::Result<()> {
        self.0.finish_safely().map_err(|error| std::io::Error::other(error.to_string()))
    }
}

fn spec_set(specs: &[ContentFile]) -> Told<SpecSet> {
    let files = specs.iter().map(|file| (file.path.as_str(), file.text.as_str()));
    SpecSet::from_files(files).map_err(|problems| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        lines.join("；")
    })
}

/// What the command says of its options is to be found on the page.
fn in_a_browser(stop: Stop) -> String {
    let has_options = ["--month", "--code-system", "--accept-small", "import.toml"];
    let more = has_options.iter().any(|option| stop.message.contains(option));
    let hint = if more {
        "\n在这一页上：月份、区划代码是哪一套、行数少是对的，都在下面填。"
    } else {
        ""
    };
    format!("{}{hint}", masked::sentence(&stop.message, false))
}

/// A name that is a file's and nothing else's.
fn plain_name(name: &str) -> Told<String> {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default().trim();
    let is_plain = !name.is_empty()
        && name.chars().count() <= LONGEST_NAME
        && !name.starts_with(['.', '~'])
        && !name.chars().any(char::is_control);
    if !is_plain || name == "import.toml" {
        return Err(format!("文件名“{name}”不能用。请改个名再传，例如 死亡名册2020-05.xlsx"));
    }
    Ok(name.to_owned())
}

impl RosterDesk for OpenDesk {
    fn region(&self) -> RegionCode {
        self.0.region
    }

    fn overview(&self, month: Option<Month>) -> Told<Overview> {
        let desk = &self.0;
        let text = |error: doudi_engine::EngineError| error.to_string();
        let folder = desk.folder_of_data()?;
        let (_, set) = desk.set()?;
        let entries = imports::journal(&folder).map_err(text)?;
        let mut months = BTreeSet::new();
        for roster in lake::rosters(&folder).map_err(text)? {
            let until = Month::new(9999, 12).ok_or("月份")?;
            months
                .extend(lake::current(&folder, &roster, until).map_err(text)?.into_iter().map(|(of, _)| of));
        }
        let month = month.or_else(|| months.last().copied());
        let mut arrived = Vec::new();
        for spec in set.iter().filter(|spec| spec.monthly || spec.register) {
            let files = month.map(|month| lake::current_of(&folder, &spec.id, month)).transpose();
            let files = files.map_err(text)?.flatten().unwrap_or_default();
            let lines: Vec<String> =
                files.iter().map(|file| format!("{}（{} 行）", file.file, file.rows)).collect();
            arrived.push(Arrival {
                name: spec.name.clone(),
                department: spec.department.clone(),
                has_arrived: !files.is_empty(),
                text: lines.join("、"),
            });
        }
        arrived.sort_by_key(|line| !line.has_arrived);
        let job = desk.jobs.job();
        Ok(Overview {
            month: month.map_or(String::new(), |month| month.to_string()),
            months: months.iter().rev().map(ToString::to_string).collect(),
            imports: import_lines(&entries, &set),
            can_clear: month.is_some() && !job.as_ref().is_some_and(|job| job.is_running),
            arrived,
            drafts: desk.drafts(),
            job,
        })
    }

    fn receive(&self, name: &str) -> Told<(String, Box<dyn Sink>)> {
        let name = plain_name(name)?;
        let millis = crate::commands::office::now().millis();
        let wrong = |error: std::io::Error| format!("服务器存不下文件：{error}。请告诉系统管理员");
        let data = self.0.key.begin(&self.0.data).map_err(|stop| stop.message)?;
        let uploads = data.root().join("uploads");
        std::fs::create_dir_all(&uploads).map_err(wrong)?;
        for serial in 0..1_000 {
            let draft = format!("{millis:x}n{serial}");
            let folder = uploads.join(&draft);
            match std::fs::create_dir(&folder) {
                Ok(()) => {
                    let writer = data.writer(&folder.join(name));
                    return Ok((draft, Box::new(Arriving(writer.map_err(|error| error.to_string())?))));
                }
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(wrong(error)),
            }
        }
        Err("同时传上来的文件太多，请过一会儿再试".to_owned())
    }

    fn look(&self, draft: &str, by: &str, at: &str) -> Told<()> {
        let bytes = self.0.bytes(draft)?;
        let (_, set) = self.0.set()?;
        let wanted = self.0.known(draft).map_or(String::new(), |known| known.wanted);
        let mut found = look::look(bytes, &set, &wanted, (self.0.region, &self.0.divisions));
        (found.by, found.at) = (by.to_owned(), at.to_owned());
        self.0.keep(draft, &found)
    }

    fn draft(&self, draft: &str) -> Option<Draft> {
        self.0.known(draft)
    }

    fn name_columns(&self, draft: &str, roster: &str, pairs: &[(String, String)]) -> Told<()> {
        let desk = &self.0;
        let mut known = desk.known(draft).ok_or("传上来的文件已经不在了。请再传一次")?;
        let (_, set) = desk.set()?;
        let spec = set.get(roster).ok_or("请先选这是哪种名册")?;
        let is_recognised = known.sheets.iter().any(|sheet| !sheet.roster.is_empty());
        if pairs.is_empty() && !is_recognised && known.sheets.iter().any(|sheet| sheet.nearest != roster) {
            roster.clone_into(&mut known.wanted);
            desk.keep(draft, &known)?;
            return self.look(draft, &known.by, &known.at);
        }
        if pairs.is_empty() {
            return Err("还没有选。请至少给一列选上是名册的哪一列".to_owned());
        }
        let mut own = names::read(&desk.data, roster)?;
        for (header, column) in pairs {
            if !spec.columns.iter().any(|known| known.name == *column) {
                return Err(format!("“{}”没有“{column}”这一列。请从列表里选", spec.name));
            }
            own.insert(header.clone(), column.clone());
        }
        // Tried before it is kept: two columns with one name would spoil every later import.
        let mut specs = content::specs(None)?;
        let path = format!("/{roster}.toml");
        for file in specs.iter_mut().filter(|file| file.path.ends_with(&path)) {
            file.text = names::with_names(&file.text, &own)?;
        }
        spec_set(&specs).map_err(|why| format!("这样认会有两列混在一起：{why}"))?;
        names::write(&desk.data, roster, &own)?;
        self.look(draft, &known.by, &known.at)
    }

    fn error_workbook(&self, draft: &str) -> Told<(String, Vec<u8>)> {
        let bytes = self.0.bytes(draft)?;
        let (_, set) = self.0.set()?;
        let mut open = OpenFile::open(bytes.clone(), &set);
        let mut problems: Vec<Problem> = open.problems().to_vec();
        for index in 0..open.sheets().len() {
            problems.extend(open.read(index, &mut |_| {}).roster.problems);
        }
        let name = error_workbook_name(open.file());
        let workbook = error_workbook(bytes, &set, &problems).map_err(|error| error.to_string())?;
        Ok((name, workbook))
    }

    fn commit(&self, draft: &str, wish: &CommitWish) -> Told<Committed> {
        let imported = self.0.import(draft, wish)?;
        let lines = imported.warnings.clone();
        let serial = imported.committed.as_ref().map(|done| done.entry.serial);
        self.discard(draft);
        Ok(Committed { serial, lines })
    }

    fn discard(&self, draft: &str) {
        // What cannot be removed now counts for nothing.
        if let (Some(folder), Some(note)) = (self.0.folder(draft), self.0.note(draft)) {
            let _ = std::fs::remove_file(note);
            let _ = std::fs::remove_dir_all(folder);
        }
    }

    fn undo(&self, serial: u32) -> Told<Vec<String>> {
        let (folder, _lock) = self.0.key.take(&self.0.data).map_err(|stop| stop.message)?;
        let undone = imports::undo(&folder, Some(serial)).map_err(|error| error.to_string())?;
        Ok(undone.clearings.into_iter().map(|(_, month)| month).collect())
    }

    fn clear(&self, month: Month, by: &str, at: &str) -> Told<()> {
        job::begin(&self.0, month, by, at)
    }

    fn results(&self) -> Vec<ResultFile> {
        let running = self.0.jobs.job().filter(|job| job.is_running).map(|job| job.month);
        results::made(&self.0.data, self.0.region)
            .into_iter()
            .filter(|file| running.as_ref() != Some(&file.month))
            .collect()
    }
}

fn import_lines(entries: &[JournalEntry], set: &SpecSet) -> Vec<ImportLine> {
    let is_undone = |entry: &JournalEntry| entries.iter().any(|other| other.undoes == Some(entry.serial));
    let live = |entry: &&JournalEntry| entry.kind == EntryKind::Import && !is_undone(entry);
    let last = entries.iter().rev().find(live).map(|entry| entry.serial);
    let line = |entry: &JournalEntry| {
        let mut files = file_lines(entry, set);
        let text = match (entry.undoes, files.as_slice()) {
            (Some(undoes), _) => format!("撤销第 {undoes} 次导入"),
            (None, [_]) => files.remove(0),
            (None, many) => {
                let months: BTreeSet<&str> = entry.files.iter().map(|file| file.month.as_str()).collect();
                format!("{} 份名册，{}", many.len(), months.into_iter().collect::<Vec<_>>().join("、"))
            }
        };
        let can_undo = Some(entry.serial) == last;
        ImportLine { serial: entry.serial, text, files, is_undone: is_undone(entry), can_undo }
    };
    entries.iter().rev().map(line).collect()
}

fn file_lines(entry: &JournalEntry, set: &SpecSet) -> Vec<String> {
    let files = entry.files.iter().filter(|file| file.state != State::Unchanged).map(|file| {
        let name = set.get(&file.roster).map_or(file.roster.as_str(), |spec| spec.name.as_str());
        format!("{}：{name}，{}，{} 行", file.file, file.month, file.rows)
    });
    files.collect()
}

#[cfg(test)]
mod tests {
    use super::plain_name;

    #[test]
    fn a_file_is_named_as_a_file_and_lies_nowhere_else() {
        assert_eq!(plain_name("C:\\名册\\低保2020-05.xlsx").as_deref(), Ok("低保2020-05.xlsx"));
        assert_eq!(plain_name("../../低保.csv").as_deref(), Ok("低保.csv"));
        for name in ["", "..", "import.toml", ".隐藏", "~$低保.xlsx", "a\nb", &"长".repeat(200)] {
            assert!(plain_name(name).is_err(), "{name}");
        }
    }
}
