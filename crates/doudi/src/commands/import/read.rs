//! Reading one sheet where nobody sees it yet: its rows, its month, the system of its codes.

use super::codes::{System, Votes, translate};
use super::look::Plan;
use super::rules::{self, Rules};
use super::{ImportedSheet, Reading, Source, WantedMonth, Wish};
use crate::commands::clear::Stop;
use doudi_engine::EngineError;
use doudi_engine::imports::State;
use doudi_engine::lake::{self, Import, Staged};
use doudi_rosters::{OpenFile, SheetReading};
use doudi_terms::Month;
use doudi_terms::roster::{RosterFile, RosterSpec};

/// Under this kind a reader counts that it could not go on.
pub const BROKEN_OFF: &str = "没有读完";

/// Reads every sheet and stages it, two at a time; what speaks against one goes into `reading.stops`.
pub fn read_all(
    source: &Source<'_>,
    wish: &Wish,
    rules: &Rules,
    plans: &[Plan],
    reading: &mut Reading,
) -> Result<(), Stop> {
    // The largest first, so that no thread is left with it at the end.
    let size = |plan: &Plan| std::fs::metadata(&plan.path).map_or(0, |file| file.len());
    let mut jobs: Vec<(usize, &Plan, [usize; 2])> = Vec::new();
    for (at, plan) in plans.iter().enumerate() {
        jobs.push((at, plan, [reading.next_serial(), reading.next_serial()]));
    }
    jobs.sort_by_key(|(_, plan, _)| std::cmp::Reverse(size(plan)));
    let mut found = doudi_engine::jobs_in_two_threads(jobs, |(at, plan, serials)| {
        source.progress.say(&format!("读入 {}", plan.file));
        let declared = rules.of_file(&plan.file).code_system.or(wish.code_system).or(rules.code_system);
        (at, sheet(source, plan, declared, serials))
    });
    found.sort_by_key(|(at, _)| *at);
    for (plan, (_, sheet)) in plans.iter().zip(found) {
        take(source, wish, rules, plan, sheet?, reading)?;
    }
    Ok(())
}

/// One sheet as it was read.
struct SheetRows<'s> {
    spec: &'s RosterSpec,
    /// The month in a title above the headers.
    title: Option<Month>,
    declared: Option<System>,
    /// The system of its codes, or why nobody can say.
    system: Result<Option<System>, String>,
    rows: Rows<'s>,
}

/// Reads a sheet, and once more if only its rows say which system its codes are of. Depends on no other sheet.
fn sheet<'s>(
    source: &Source<'s>,
    plan: &Plan,
    declared: Option<System>,
    serials: [usize; 2],
) -> Result<SheetRows<'s>, Stop> {
    let Some(spec) = source.set.get(&plan.roster) else {
        return Err(Stop::bad_input(format!("没有名册说明 {}", plan.roster)));
    };
    let mut open = plan.open(source.set);
    let title = open.sheets()[plan.sheet].title_month;
    let mut rows = rows(source, plan, spec, &mut open, declared, serials[0])?;
    let system = match declared {
        Some(system) => Ok(Some(system)),
        None => rows.votes.verdict(),
    };
    if rows.translated == 0 && declared.is_none() && system == Ok(Some(System::Mca)) {
        // Only now it is known what the codes are.
        rows = self::rows(source, plan, spec, &mut open, Some(System::Mca), serials[1])?;
    }
    rows.import.close()?;
    Ok(SheetRows { spec, title, declared, system, rows })
}

/// Puts a sheet that was read among the others, or says why it cannot be one of them.
fn take(
    source: &Source<'_>,
    wish: &Wish,
    rules: &Rules,
    plan: &Plan,
    sheet: SheetRows<'_>,
    reading: &mut Reading,
) -> Result<(), Stop> {
    let SheetRows { spec, title, declared, system, rows } = sheet;
    let system = match system {
        Ok(system) => system,
        Err(why) => {
            reading.stops.push(format!("{}：{why}", plan.file));
            return Ok(());
        }
    };
    let content_month = |read: &SheetReading, title: Option<Month>| majority(read).or(title);
    let read = &rows.reading;
    if read.counts.iter().any(|count| count.kind == BROKEN_OFF) {
        let what = read.roster.problems.iter().find(|problem| problem.what.contains("中途"));
        let what = what.map_or_else(|| "没有读完".to_owned(), |problem| problem.what.clone());
        reading.stops.push(format!("{}：{what}。请用 Excel 或 WPS 打开后另存，再导入", plan.file));
        return Ok(());
    }
    if read.roster.rows == 0 {
        // A closed roster without a row would say of everybody that he is not listed.
        let why = "只有表头，没有一行数据，按没有收到处理。请向报送部门核实".to_owned();
        source.progress.note(&format!("跳过 {}：{why}", plan.file));
        reading.skipped.push((plan.file.clone(), why));
        reading.empty.push((plan.file.clone(), plan.roster.clone()));
        return Ok(());
    }
    let stated = content_month(read, title);
    let month = match month(wish, rules, plan, spec, &read.roster, stated, &mut reading.warnings) {
        Ok(month) => month,
        Err(why) => {
            reading.stops.push(why);
            return Ok(());
        }
    };
    match (declared, rows.votes.verdict()) {
        (None, _) if rows.votes.undecided() => reading.unchecked.push(plan.file.clone()),
        (None, _) => reading.systems.extend(system.map(|system| (plan.file.clone(), system))),
        (Some(declared), Ok(Some(found))) if found != declared => reading.warnings.push(format!(
            "{} 写明用的是{}，各行地址却与{}相符，请核对",
            plan.file,
            declared.name(),
            found.name()
        )),
        (Some(_), _) => {}
    }
    if rows.translated > 0 {
        reading.warnings.push(format!(
            "{} 用的是{}，{} 行的代码已按乡镇名称换成统计局代码",
            plan.file,
            System::Mca.name(),
            rows.translated
        ));
    }
    let codes = rows.votes.record(system, declared.is_some(), rows.translated);
    let staged = rows.import.stage(&rows.reading.roster, month, codes)?;
    keep(source, plan, month, staged, rows.reading, reading)
}

/// The rows of a sheet on their way into the lake.
struct Rows<'s> {
    import: Import<'s>,
    reading: SheetReading,
    votes: Votes,
    translated: u32,
}

fn rows<'s>(
    source: &Source<'s>,
    plan: &Plan,
    spec: &'s RosterSpec,
    open: &mut OpenFile<'_>,
    system: Option<System>,
    serial: usize,
) -> Result<Rows<'s>, Stop> {
    let mut import = Import::begin(source.folder, spec, serial);
    let mut failed: Option<EngineError> = None;
    let (mut votes, mut translated) = (Votes::default(), 0);
    let reading = open.read(plan.sheet, &mut |mut batch| {
        if failed.is_some() {
            return;
        }
        votes.count(spec, source.divisions, &batch);
        if system == Some(System::Mca) {
            translated += translate(spec, source.divisions, &mut batch);
        }
        failed = import.push(&batch).err();
    });
    match failed {
        Some(error) => Err(error.into()),
        None => Ok(Rows { import, reading, votes, translated }),
    }
}

/// The month of most rows that state one; of equally many the latest.
fn majority(read: &SheetReading) -> Option<Month> {
    read.months.iter().max_by_key(|(month, rows)| (**rows, **month)).map(|(month, _)| *month)
}

/// The month of a roster: from its content, else its name, else what was declared, else the run's; `Err` where two of
/// them contradict each other in a way that only a person can settle.
fn month(
    wish: &Wish,
    rules: &Rules,
    plan: &Plan,
    spec: &RosterSpec,
    read: &RosterFile,
    stated: Option<Month>,
    warnings: &mut Vec<String>,
) -> Result<Month, String> {
    let file = &plan.file;
    let declared = rules.of_file(file).month;
    let named = doudi_rosters::month_in_text(file)
        .or_else(|| doudi_rosters::month_in_text(read.sheet.as_deref().unwrap_or_default()));
    if let (Some(stated), Some(named)) = (stated, named)
        && stated != named
        && declared != Some(stated)
        && declared != Some(named)
    {
        return Err(format!(
            "{file}：文件名写的是 {named}，内容写的是 {stated}，不知道哪个对。请核对后改正文件名，\
             或在 {} 里写 [file.\"{file}\"] 和 month",
            rules::FILE
        ));
    }
    let own = match declared {
        Some(declared) if stated.or(named).is_none_or(|month| month == declared) => Some(declared),
        Some(declared) if named == Some(declared) => Some(declared),
        Some(declared) => {
            let other = stated.or(named).unwrap_or(declared);
            return Err(format!(
                "{file}：{} 写的是 {declared}，文件自己写的是 {other}。请改正其中一个",
                rules::FILE
            ));
        }
        None => stated.or(named),
    };
    if let (WantedMonth::Asked(asked), Some(stated)) = (wish.month, stated.or(named))
        && stated != asked
        && declared != Some(asked)
    {
        return Err(format!(
            "{file} 写明是 {stated}，不是 --month 要的 {asked}。请换成 {asked} 的名册，或者改用 --month {stated}"
        ));
    }
    let (Some(run), Some(own)) = (wish.month.month(), own) else {
        let fallback = own.or(rules.month).or(wish.month.month());
        return match (fallback, own) {
            (None, _) => Err(format!(
                "{file} 没有写明是哪个月。请用 --month 指明，或在 {} 里写 month = \"2020-05\"",
                rules::FILE
            )),
            (Some(month), None) => {
                if wish.month != WantedMonth::Asked(month) {
                    warnings.push(format!("{file} 没有写明月份，按{}{month} 处理", whose(rules)));
                }
                Ok(month)
            }
            (Some(month), Some(_)) => Ok(month),
        };
    };
    let unused = matches!(wish.month, WantedMonth::Run(_));
    if own > run {
        let then = if unused { "，本次不用" } else { "" };
        warnings.push(format!("{file} 写明是 {own}，晚于本次的 {run}：已存入{then}"));
    } else if own < run && (spec.valid_months == 0 || !unused) {
        let then = if unused { "，本次不用" } else { "" };
        warnings.push(format!("{file} 写明是 {own}，不是本次的 {run}：按 {own} 存入{then}"));
    }
    Ok(own)
}

fn whose(rules: &Rules) -> &'static str {
    if rules.month.is_some() { " import.toml 的 " } else { "本次的 " }
}

/// Puts what was read among the files of its roster and month. One that counts already stays the file it is.
fn keep(
    source: &Source<'_>,
    plan: &Plan,
    month: Month,
    staged: Staged,
    read: SheetReading,
    reading: &mut Reading,
) -> Result<(), Stop> {
    let current = lake::current_of(source.folder, &plan.roster, month)?.unwrap_or_default();
    let same = current.into_iter().find(|stored| stored.first_key() == staged.stored.key);
    let state = if same.is_some() { State::Unchanged } else { State::New };
    let stored = same.unwrap_or_else(|| {
        let stored = staged.stored.clone();
        reading.staged.push(staged);
        stored
    });
    reading.by_place.entry((plan.roster.clone(), month)).or_default().push(stored.clone());
    let sheet = ImportedSheet {
        sheet: read.roster.sheet.clone(),
        roster: plan.roster.clone(),
        month,
        rows: read.roster.rows,
        rejected: read.roster.rejected,
        counts: read.counts,
        state,
    };
    reading.add(plan, stored, read.roster.problems, sheet);
    Ok(())
}
