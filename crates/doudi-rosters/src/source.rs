//! Where the bytes of a roster file come from: the disc, or whoever hands them out in its stead because they lie sealed.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Can be read from any place.
pub trait ReadSeek: Read + Seek + Send {}

impl<T: Read + Seek + Send> ReadSeek for T {}

type Opener = dyn Fn() -> io::Result<Box<dyn ReadSeek>> + Send + Sync;

/// A roster file. It is read several times from its beginning.
#[derive(Clone)]
pub struct Source {
    path: PathBuf,
    opener: Option<Arc<Opener>>,
}

impl Source {
    /// A file whose bytes `opener` hands out; of the path only the name counts.
    pub fn handed_out(
        path: &Path,
        opener: impl Fn() -> io::Result<Box<dyn ReadSeek>> + Send + Sync + 'static,
    ) -> Source {
        Source { path: path.to_owned(), opener: Some(Arc::new(opener)) }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn open(&self) -> io::Result<Box<dyn ReadSeek>> {
        match &self.opener {
            Some(opener) => opener(),
            None => Ok(Box::new(File::open(&self.path)?)),
        }
    }
}

impl From<&Path> for Source {
    fn from(path: &Path) -> Source {
        Source { path: path.to_owned(), opener: None }
    }
}

impl From<&PathBuf> for Source {
    fn from(path: &PathBuf) -> Source {
        Source::from(path.as_path())
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.path, f)
    }
}

#[cfg(test)]
mod tests {
    use super::Source;
    use crate::file::OpenFile;
    use crate::write::table_xlsx;
    use crate::{Sheet, SheetColumn, SheetKind, error_workbook, load_dir};
    use std::io::Cursor;
    use std::path::Path;

    #[test]
    fn a_file_that_lies_nowhere_on_the_disc_is_read_as_one_that_does() {
        let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rosters");
        let set = load_dir(&specs).expect("the shipped specifications");
        let text = "姓名,身份证号,死亡日期\n张三,110101199003070011,2020-04-03\n李四,1101,不详\n";
        let column = |name: &str| SheetColumn::new(name, SheetKind::Text);
        let workbook = table_xlsx(&[Sheet {
            name: "死亡".into(),
            title: None,
            notes: Vec::new(),
            columns: ["姓名", "身份证号", "死亡日期"].map(column).into(),
            printed_columns: None,
            rows: vec![vec!["张三".into(), "110101199003070011".into(), "2020-04-03".into()]],
        }])
        .expect("a workbook");
        for (name, bytes) in [("死亡.csv", text.as_bytes().to_vec()), ("死亡.xlsx", workbook)] {
            let bytes = std::sync::Arc::new(bytes);
            let source = Source::handed_out(&Path::new("/nowhere").join(name), move || {
                Ok(Box::new(Cursor::new(bytes.to_vec())))
            });
            let mut open = OpenFile::open(source.clone(), &set);
            assert_eq!((open.file(), open.sheets().len()), (name, 1), "{:?}", open.problems());
            let read = open.read(0, &mut |_| {});
            assert_eq!(read.roster.roster, open.sheets()[0].roster);
            assert!(read.roster.rows > 0);
            let marked = error_workbook(source, &set, &read.roster.problems).expect("an error workbook");
            assert!(marked.starts_with(b"PK"));
        }
        let gone = Source::from(Path::new("/nowhere/死亡.csv"));
        assert!(OpenFile::open(gone, &set).sheets().is_empty());
    }
}
