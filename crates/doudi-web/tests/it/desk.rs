//! Rosters of the other county that nobody of the own one may touch: every text has its mark, and what is done is counted.

use crate::office::{COUNTIES, OTHER, OTHER_MARK, region};
use doudi_terms::{Month, RegionCode};
use doudi_web::{
    Arrival, CommitWish, Committed, Draft, DraftLine, DraftSheet, Example, ImportLine, Job, Overview,
    ResultFile, ResultKind, RosterDesk, Sink, Told,
};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

#[derive(Default)]
pub struct MarkedDesk {
    touched: AtomicUsize,
    /// Path and size of what stands for a workbook.
    pub workbook: (PathBuf, u64),
}

impl MarkedDesk {
    pub fn with_workbook(path: PathBuf, bytes: u64) -> MarkedDesk {
        MarkedDesk { workbook: (path, bytes), ..MarkedDesk::default() }
    }

    pub fn touched(&self) -> usize {
        self.touched.load(Ordering::Relaxed)
    }

    fn touch(&self) {
        self.touched.fetch_add(1, Ordering::Relaxed);
    }
}

fn marked(text: &str) -> String {
    format!("{OTHER_MARK}{text}")
}

impl RosterDesk for MarkedDesk {
    fn region(&self) -> RegionCode {
        region(OTHER)
    }

    fn overview(&self, _: Option<Month>) -> Told<Overview> {
        Ok(Overview {
            month: "2020-05".into(),
            months: vec!["2020-05".into()],
            imports: vec![ImportLine {
                serial: 7,
                text: marked("低保"),
                can_undo: true,
                ..ImportLine::default()
            }],
            arrived: vec![Arrival { name: marked("低保"), ..Arrival::default() }],
            drafts: vec![DraftLine {
                id: COUNTIES[1].draft(),
                file: marked("低保.xlsx"),
                ..DraftLine::default()
            }],
            job: Some(Job { month: "2020-05".into(), text: marked("做好了"), ..Job::default() }),
            can_clear: true,
        })
    }

    fn receive(&self, _: &str) -> Told<(String, Box<dyn Sink>)> {
        self.touch();
        Err(marked("不收"))
    }

    fn look(&self, _: &str, _: &str, _: &str) -> Told<()> {
        Err(marked("没有"))
    }

    fn draft(&self, draft: &str) -> Option<Draft> {
        let example = Example { place: marked("第 2 行"), ..Example::default() };
        let sheet = DraftSheet { roster: "dibao".into(), examples: vec![example], ..DraftSheet::default() };
        let known = Draft { file: marked("低保.xlsx"), sheets: vec![sheet], ..Draft::default() };
        (draft == COUNTIES[1].draft()).then_some(known)
    }

    fn name_columns(&self, _: &str, _: &str, _: &[(String, String)]) -> Told<()> {
        self.touch();
        Err(marked("不行"))
    }

    fn error_workbook(&self, _: &str) -> Told<(String, Vec<u8>)> {
        self.touch();
        Ok((marked("改错表.xlsx"), marked("表").into_bytes()))
    }

    fn commit(&self, _: &str, _: &CommitWish) -> Told<Committed> {
        self.touch();
        Ok(Committed { serial: Some(7), lines: Vec::new() })
    }

    fn discard(&self, _: &str) {
        self.touch();
    }

    fn undo(&self, _: u32) -> Told<Vec<String>> {
        self.touch();
        Ok(Vec::new())
    }

    fn results(&self) -> Vec<ResultFile> {
        let file = |name: String, kind, area: &str| ResultFile {
            month: "2020-05".into(),
            at: "2020-05-20".into(),
            name,
            kind,
            area: region(area),
            bytes: self.workbook.1,
            path: self.workbook.0.clone(),
        };
        vec![
            file(marked("报告.html"), ResultKind::Report, OTHER),
            file(format!("{OTHER}001.xlsx"), ResultKind::Workbook, &format!("{OTHER}001")),
            file(format!("{OTHER}002.xlsx"), ResultKind::Workbook, &format!("{OTHER}002")),
        ]
    }

    fn clear(&self, _: Month, _: &str, _: &str) -> Told<()> {
        self.touch();
        Ok(())
    }
}
