//! `doudi policy docs`: the policies as pages that anybody can read without this program.

mod documents;
mod facts;
mod front;
mod handbook;
mod names;
mod page;
mod rules;
mod site;

use super::{PolicyFolder, bad_input, registry};
use crate::content;
use crate::divisions::Divisions;
use crate::exit::Exit;
use clap::Args;
use doudi_policy::Program;
use doudi_terms::{RegionCode, parse_date};
pub use handbook::Shipped;
use page::Page;
use site::Site;
use std::path::{Path, PathBuf};

#[derive(Args)]
pub struct DocsArgs {
    #[command(flatten)]
    folder: PolicyFolder,
    /// 网页写到哪个文件夹（要是空的，或者是上次写的）
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// 另外标明这个地区适用哪些，如 500243
    #[arg(long, value_name = "CODE", requires = "date")]
    region: Option<String>,
    /// 依哪一天的规定，如 2020-05-31
    #[arg(long, value_name = "YYYY-MM-DD", requires = "region")]
    date: Option<String>,
}

/// Lists the pages of a site, so that the next run knows which files are its own.
const PAGE_LIST: &str = "pages.txt";

pub fn run(args: &DocsArgs) -> Exit {
    match made(args) {
        Ok(count) => {
            crate::print_line(&format!(
                "写了 {count} 页，从 {} 看起。",
                args.out.join("index.html").display()
            ));
            Exit::Done
        }
        Err(message) => bad_input(&message),
    }
}

fn made(args: &DocsArgs) -> Result<usize, String> {
    let files = content::policies(args.folder.policies.as_deref())?;
    let (library, _) = content::library(&files)?;
    let programmes = registry::programmes(&files)?;
    let program = match (&args.region, &args.date) {
        (Some(region), Some(date)) => {
            let region = RegionCode::parse(region).map_err(|error| format!("--region：{error}"))?;
            let date =
                parse_date(date).ok_or_else(|| format!("--date：“{date}”不是日期，写成 2020-05-31 这样"))?;
            Some(Program::link(&library, region, date).map_err(|problems| {
                problems.iter().map(|problem| problem.render(&library.sources)).collect::<Vec<_>>().join("\n")
            })?)
        }
        _ => None,
    };
    let site = Site::new(&library, programmes, Divisions::read(), program);
    let pages = site.pages();
    write(&args.out, &pages)?;
    Ok(pages.len())
}

fn write(folder: &Path, pages: &[Page]) -> Result<(), String> {
    let wrong = |path: &Path, error: std::io::Error| {
        format!("写不了 {}：{error}。请检查磁盘空间和权限", path.display())
    };
    clear_folder(folder)?;
    std::fs::create_dir_all(folder).map_err(|error| wrong(folder, error))?;
    let list: String = pages.iter().map(|page| format!("{}\n", page.file)).collect();
    // The list goes first: a run that breaks off leaves a folder that the next run still knows.
    let list_path = folder.join(PAGE_LIST);
    std::fs::write(&list_path, list).map_err(|error| wrong(&list_path, error))?;
    for page in pages {
        let path = folder.join(&page.file);
        std::fs::write(&path, page.html()).map_err(|error| wrong(&path, error))?;
    }
    Ok(())
}

/// Takes last run's pages away; a folder with anybody else's files is left as it is.
fn clear_folder(folder: &Path) -> Result<(), String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(()) };
    let list = std::fs::read_to_string(folder.join(PAGE_LIST)).unwrap_or_default();
    let own: Vec<&str> = list.lines().filter(|name| name.ends_with(".html")).collect();
    let mut leave = Vec::new();
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name != PAGE_LIST && !own.contains(&name.as_str()) {
            return Err(format!(
                "{} 里有别的文件（{name}），没有写。请用 --out 指一个空文件夹",
                folder.display()
            ));
        }
        leave.push(entry.path());
    }
    for path in leave {
        std::fs::remove_file(&path)
            .map_err(|error| format!("删不了上次的 {}：{error}。请检查权限", path.display()))?;
    }
    Ok(())
}
