//! The shipped policies as pages of the office.

use super::page::Page;
use super::site::Site;
use crate::commands::policy::registry;
use crate::content;
use crate::divisions::Divisions;
use doudi_policy::{Library, Program};
use doudi_terms::{Date, RegionCode};
use doudi_web::{Found, Handbook, Leaf};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Places and days whose pages are kept at once: some megabytes each.
const MOST_SITES: usize = 3;
/// Characters around what was found.
const AROUND: usize = 40;
const MOST_FOUND: usize = 60;

/// Pages of one place and day, by file.
struct Made {
    at: (RegionCode, Date),
    pages: BTreeMap<String, Page>,
}

/// Made when first asked for.
#[derive(Default)]
pub struct Shipped {
    read: OnceLock<Option<Read>>,
    made: Mutex<Vec<Arc<Made>>>,
}

struct Read {
    library: Library,
    files: Vec<content::ContentFile>,
}

impl Shipped {
    fn read(&self) -> Option<&Read> {
        let read = || {
            let files = content::policies(None).ok()?;
            let (library, _) = content::library(&files).ok()?;
            Some(Read { library, files })
        };
        self.read.get_or_init(read).as_ref()
    }

    fn site(&self, at: Option<(RegionCode, Date)>) -> Option<Site<'_>> {
        let read = self.read()?;
        let programmes = registry::programmes(&read.files).ok()?;
        // A place whose law does not link is shown without saying what is in force.
        let program = at.and_then(|(place, day)| Program::link(&read.library, place, day).ok());
        Some(Site::new(&read.library, programmes, Divisions::read(), program))
    }

    fn made(&self, place: RegionCode, day: Date) -> Option<Arc<Made>> {
        let lock = || self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = lock().iter().find(|made| made.at == (place, day)) {
            return Some(Arc::clone(found));
        }
        let pages = self.site(Some((place, day)))?.pages();
        let pages = pages.into_iter().map(|page| (page.file.clone(), page)).collect();
        let made = Arc::new(Made { at: (place, day), pages });
        let mut all = lock();
        if all.len() >= MOST_SITES {
            all.remove(0);
        }
        all.push(Arc::clone(&made));
        Some(made)
    }
}

impl Handbook for Shipped {
    fn page(&self, place: RegionCode, day: Date, file: &str) -> Option<Leaf> {
        let made = self.made(place, day)?;
        let page = made.pages.get(file)?;
        Some(Leaf { title: page.title.clone(), body: page.body.clone() })
    }

    fn cite(&self, words: &str) -> Option<String> {
        self.site(None)?.cited(words)
    }

    fn search(&self, place: RegionCode, day: Date, words: &str) -> Vec<Found> {
        let Some(made) = self.made(place, day) else { return Vec::new() };
        let mut found: Vec<(bool, Found)> = Vec::new();
        for page in made.pages.values() {
            let text = plain(&page.body);
            let in_title = page.title.contains(words);
            let at = text.find(words);
            if !in_title && at.is_none() {
                continue;
            }
            let excerpt = at.map_or(String::new(), |at| around(&text, at, words.len()));
            found.push((in_title, Found { title: page.title.clone(), file: page.file.clone(), excerpt }));
        }
        found.sort_by_key(|(in_title, found)| {
            (!in_title, !found.file.starts_with("document-"), found.file.clone())
        });
        found.into_iter().take(MOST_FOUND).map(|(_, found)| found).collect()
    }
}

/// The text of markup that we made ourselves.
fn plain(markup: &str) -> String {
    let mut text = String::with_capacity(markup.len());
    let mut inside = false;
    for c in markup.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            c if !inside => text.push(c),
            _ => {}
        }
    }
    let signs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    signs.iter().fold(text, |text, (code, sign)| text.replace(code, sign))
}

fn around(text: &str, at: usize, length: usize) -> String {
    let before: Vec<char> = text[..at].chars().rev().take(AROUND).collect();
    let before: String = before.into_iter().rev().collect();
    let after: String = text[at + length..].chars().take(AROUND).collect();
    let words = &text[at..at + length];
    format!("…{before}{words}{after}…").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use doudi_terms::parse_date;

    #[test]
    fn the_shipped_policies_open_are_found_and_cited() {
        let shipped = Shipped::default();
        let place = RegionCode::parse("500243").expect("a code");
        let day = parse_date("2020-05-31").expect("a date");
        let index = shipped.page(place, day, "index.html").expect("a first page");
        assert!(index.body.contains("此地此日适用"), "what is in force is marked");
        assert!(shipped.page(place, day, "none.html").is_none());
        for programme in registry::programmes(&shipped.read().expect("read").files).expect("programmes") {
            let address = shipped.cite(&programme.citation).unwrap_or_default();
            let (file, anchor) = address.split_once('#').unwrap_or((&address, ""));
            let page = shipped.page(place, day, file);
            let page = page.unwrap_or_else(|| panic!("{}: {address}", programme.citation));
            assert!(anchor.is_empty() || page.body.contains(&format!("id=\"{anchor}\"")), "{address}");
        }
        let found = shipped.search(place, day, "渐退");
        assert!(found.iter().any(|found| found.excerpt.contains("渐退")), "{}", found.len());
        assert!(found.iter().all(|found| !found.excerpt.contains('<')));
        assert_eq!(shipped.search(place, day, "没有这几个字的").len(), 0);
    }

    #[test]
    fn text_is_taken_out_of_markup() {
        assert_eq!(plain("<p class=\"a\">甲&amp;<b>乙</b> &lt;丙</p>"), "甲&乙 <丙");
        assert_eq!(around("一二三四五", 6, 3), "…一二三四五…");
    }
}
