//! A file of which no byte lies open: a head, then the content in blocks, each sealed with its number, the last one marked.
//! Any block can be opened without the others.

use crate::error::{EngineError, Outcome};
use crate::vault::{FileSeal, LEAD, Vault};
use bytes::Bytes;
use std::fs::File;
use std::io::{Error, ErrorKind, Read, Result, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const MAGIC: [u8; 8] = *b"DOUDISF1";
/// What is bound to every block: magic, what the vault finds the seal by, the power of two that a block is long.
const HEAD: usize = MAGIC.len() + LEAD + 1;
/// Behind it the proof of the name, which changes when a file is given its place.
const HEADER: usize = HEAD + NAME;
const NAME: usize = 32;
/// What sealing adds to a block.
const TAG: usize = 16;
/// Blocks of 64 KB: a page of a table is not much longer, so that hardly a block is opened for more than one page.
const POWER: u8 = 16;
/// Shorter or longer blocks are none of ours.
const POWERS: std::ops::RangeInclusive<u8> = 4..=24;
/// Bytes of blocks that are kept open: columns of a table are read in turn.
const KEPT: u64 = 4 << 20;

/// The file begins as a sealed one does.
pub(crate) fn is_sealed(path: &Path) -> Result<bool> {
    let mut begin = [0; MAGIC.len()];
    match File::open(path)?.read_exact(&mut begin) {
        Ok(()) => Ok(begin == MAGIC),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

/// What a sealed file begins with; `None` for any other.
pub(crate) fn lead(path: &Path) -> Result<Option<[u8; LEAD]>> {
    if !is_sealed(path)? {
        return Ok(None);
    }
    let mut head = [0; HEAD];
    File::open(path)?.read_exact(&mut head)?;
    Ok(Some(lead_of(&head)))
}

fn lead_of(head: &[u8; HEAD]) -> [u8; LEAD] {
    let mut lead = [0; LEAD];
    lead.copy_from_slice(&head[MAGIC.len()..MAGIC.len() + LEAD]);
    lead
}

fn place(head: &[u8; HEAD], is_last: bool) -> [u8; HEAD + 1] {
    let mut place = [0; HEAD + 1];
    place[..HEAD].copy_from_slice(head);
    place[HEAD] = u8::from(is_last);
    place
}

fn io(error: EngineError) -> Error {
    Error::other(error.to_string())
}

/// A sealed file being written.
pub(crate) struct SealedWriter {
    file: File,
    seal: Box<dyn FileSeal>,
    head: [u8; HEAD],
    block: Vec<u8>,
    number: u64,
}

impl SealedWriter {
    /// `name` is where the file will lie.
    pub fn begin(file: File, vault: &dyn Vault, name: &str) -> Outcome<SealedWriter> {
        SealedWriter::in_blocks(file, vault, name, POWER)
    }

    fn in_blocks(mut file: File, vault: &dyn Vault, name: &str, power: u8) -> Outcome<SealedWriter> {
        let (lead, seal) = vault.new_file()?;
        let mut head = [0; HEAD];
        head[..MAGIC.len()].copy_from_slice(&MAGIC);
        head[MAGIC.len()..HEAD - 1].copy_from_slice(&lead);
        head[HEAD - 1] = power;
        let written = file.write_all(&head).and_then(|()| file.write_all(&seal.name(name)));
        written.map_err(EngineError::io(Path::new(name)))?;
        Ok(SealedWriter { file, seal, head, block: Vec::new(), number: 0 })
    }

    fn flush_block(&mut self, is_last: bool) -> Result<()> {
        let sealed = self.seal.seal(self.number, &place(&self.head, is_last), &self.block).map_err(io)?;
        self.number += 1;
        self.block.clear();
        self.file.write_all(&sealed)
    }

    /// Without it the file ends in the middle, and does not open.
    pub fn finish(mut self) -> Result<File> {
        self.flush_block(true)?;
        Ok(self.file)
    }
}

impl Write for SealedWriter {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        let size = 1 << self.head[HEAD - 1];
        // Whether a full block is the last one is not known before there is more.
        if self.block.len() == size && !bytes.is_empty() {
            self.flush_block(false)?;
        }
        let taken = bytes.len().min(size - self.block.len());
        self.block.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

/// A sealed file open for reading, from any place.
#[derive(Clone)]
pub(crate) struct SealedFile(Arc<Inner>);

struct Inner {
    file: Mutex<File>,
    seal: Box<dyn FileSeal>,
    head: [u8; HEAD],
    blocks: u64,
    length: u64,
    /// The latest blocks, the oldest first.
    kept: Mutex<Vec<(u64, Bytes)>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl SealedFile {
    /// `name` is where the file should lie; a file of another place is refused.
    pub fn open(path: &Path, vault: &dyn Vault, name: &str) -> Outcome<SealedFile> {
        let mut file = File::open(path).map_err(EngineError::io(path))?;
        let mut header = [0; HEADER];
        let short = |_| EngineError::damaged(path, "加密的文件开头不完整");
        file.read_exact(&mut header).map_err(short)?;
        let mut head = [0; HEAD];
        head.copy_from_slice(&header[..HEAD]);
        let power = head[HEAD - 1];
        if !head.starts_with(&MAGIC) || !POWERS.contains(&power) {
            return Err(EngineError::damaged(path, "不是本程序加密的文件"));
        }
        let seal = vault.known_file(&lead_of(&head))?;
        if seal.name(name) != header[HEAD..] {
            let what = "这个文件是从别处挪来的，或者开头被改动过：加密时它不叫这个名字";
            return Err(EngineError::damaged(path, what));
        }
        let sealed = file.metadata().map_err(EngineError::io(path))?.len().saturating_sub(HEADER as u64);
        let whole = (1 << power) + TAG as u64;
        let blocks = sealed.div_ceil(whole);
        let cut_off = || EngineError::damaged(path, "加密的文件后面缺了一段");
        let of_last = sealed.checked_sub(blocks.saturating_sub(1) * whole).filter(|rest| *rest >= TAG as u64);
        of_last.ok_or_else(cut_off)?;
        let length = sealed - blocks * TAG as u64;
        let (file, kept) = (Mutex::new(file), Mutex::default());
        let opened = SealedFile(Arc::new(Inner { file, seal, head, blocks, length, kept }));
        // A file that was cut off between two blocks has none that was sealed as the last.
        opened.block(blocks - 1).map_err(|error| EngineError::damaged(path, error))?;
        Ok(opened)
    }

    /// Of the content.
    pub fn len(&self) -> u64 {
        self.0.length
    }

    fn block_size(&self) -> u64 {
        1 << self.0.head[HEAD - 1]
    }

    fn block(&self, number: u64) -> Result<Bytes> {
        let inner = &self.0;
        if let Some((_, block)) = lock(&inner.kept).iter().find(|(kept, _)| *kept == number) {
            return Ok(block.clone());
        }
        let whole = self.block_size() + TAG as u64;
        let mut sealed = Vec::new();
        {
            let mut file = lock(&inner.file);
            file.seek(SeekFrom::Start(HEADER as u64 + number * whole))?;
            Read::by_ref(&mut *file).take(whole).read_to_end(&mut sealed)?;
        }
        let is_last = number + 1 == inner.blocks;
        let opened = inner.seal.open(number, &place(&inner.head, is_last), &sealed);
        let block: Bytes = opened.ok_or_else(|| self.altered(number))?.into();
        let mut kept = lock(&inner.kept);
        if kept.len() as u64 >= (KEPT >> inner.head[HEAD - 1]).max(1) {
            kept.remove(0);
        }
        kept.push((number, block.clone()));
        Ok(block)
    }

    fn altered(&self, number: u64) -> Error {
        let (number, blocks) = (number + 1, self.0.blocks);
        let what = format!("加密内容第 {number} 块（共 {blocks} 块）被改动、调换过，或者文件后面缺了一段");
        Error::new(ErrorKind::InvalidData, what)
    }

    /// What is left of the block at a place of the content; nothing at the end.
    fn from(&self, at: u64) -> Result<Bytes> {
        if at >= self.len() {
            return Ok(Bytes::new());
        }
        let size = self.block_size();
        let block = self.block(at / size)?;
        Ok(block.slice((at % size) as usize..))
    }

    pub fn bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let first = self.from(start)?;
        if first.len() >= length {
            return Ok(first.slice(..length));
        }
        let mut found = Vec::with_capacity(length);
        found.extend_from_slice(&first);
        while found.len() < length {
            let more = self.from(start + found.len() as u64)?;
            if more.is_empty() {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            found.extend_from_slice(&more[..more.len().min(length - found.len())]);
        }
        Ok(found.into())
    }

    /// Reads on from a place of the content.
    pub fn reader(&self, start: u64) -> SealedReader {
        SealedReader { file: self.clone(), at: start }
    }
}

/// Reads the content of a sealed file.
pub(crate) struct SealedReader {
    file: SealedFile,
    at: u64,
}

impl Read for SealedReader {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        let there = self.file.from(self.at)?;
        let count = there.len().min(into.len());
        into[..count].copy_from_slice(&there[..count]);
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for SealedReader {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.file.len().checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

/// Says in a sealed file that it lies at `name` from now on.
pub(crate) fn rename(path: &Path, vault: &dyn Vault, name: &str) -> Outcome<()> {
    let Some(lead) = lead(path).map_err(EngineError::io(path))? else { return Ok(()) };
    let proof = vault.known_file(&lead)?.name(name);
    let written = File::options().write(true).open(path).and_then(|mut file| {
        file.seek(SeekFrom::Start(HEAD as u64))?;
        file.write_all(&proof)
    });
    written.map_err(EngineError::io(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::toy::{self, ToyVault};
    use std::path::PathBuf;

    const SMALL: u8 = 4;

    fn vault() -> ToyVault {
        ToyVault { keys: vec![1] }
    }

    fn sealed(folder: &Path, content: &[u8]) -> PathBuf {
        let path = folder.join("sealed");
        let file = File::create(&path).expect("a file");
        let mut writer = SealedWriter::in_blocks(file, &vault(), "identity/a", SMALL).expect("begun");
        writer.write_all(content).expect("written");
        writer.finish().expect("finished");
        path
    }

    fn read(path: &Path) -> std::result::Result<Vec<u8>, String> {
        let file = SealedFile::open(path, &vault(), "identity/a").map_err(|error| error.to_string())?;
        let mut content = Vec::new();
        file.reader(0).read_to_end(&mut content).map_err(|error| error.to_string())?;
        Ok(content)
    }

    #[test]
    fn content_of_any_length_comes_back_from_any_place() {
        let folder = tempfile::tempdir().expect("a folder");
        for length in [0, 1, 15, 16, 17, 31, 32, 33, 100] {
            let content: Vec<u8> = (0..length).map(|at| b'a' + at % 26).collect();
            let path = sealed(folder.path(), &content);
            assert_eq!(read(&path).as_deref(), Ok(&content[..]));
            let file = SealedFile::open(&path, &vault(), "identity/a").expect("open");
            assert_eq!(file.len(), u64::from(length));
            for start in 0..usize::from(length) {
                for end in start..=usize::from(length) {
                    assert_eq!(file.bytes(start as u64, end - start).expect("bytes"), content[start..end]);
                }
            }
            assert!(file.bytes(0, usize::from(length) + 1).is_err());
            let mut reader = file.reader(0);
            reader.seek(SeekFrom::End(0)).expect("the end");
            assert_eq!(reader.read(&mut [0]).expect("nothing"), 0);
        }
    }

    #[test]
    fn nothing_of_the_content_lies_open() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = sealed(folder.path(), "张三500243195003070011".repeat(5).as_bytes());
        let bytes = std::fs::read(path).expect("bytes");
        assert!(!bytes.windows(6).any(|part| part == b"500243" || part == "张三".as_bytes()));
    }

    #[test]
    fn whatever_is_changed_swapped_cut_off_or_moved_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let content = [7; 70];
        let path = sealed(folder.path(), &content);
        let whole = std::fs::read(&path).expect("bytes");
        let refuses = |bytes: &[u8], what: &str| {
            std::fs::write(&path, bytes).expect("written");
            assert!(read(&path).is_err(), "{what}");
        };
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            refuses(&changed, &format!("byte {at}"));
        }
        for length in 0..whole.len() {
            refuses(&whole[..length], &format!("cut off at {length}"));
        }
        let block = |number: usize| HEADER + number * 32..HEADER + (number + 1) * 32;
        let mut swapped = whole.clone();
        swapped[block(0)].copy_from_slice(&whole[block(1)]);
        swapped[block(1)].copy_from_slice(&whole[block(0)]);
        refuses(&swapped, "two blocks swapped");
        let doubled = [&whole[..block(0).end], &whole[HEADER..]].concat();
        refuses(&doubled, "a block twice");
        refuses(&[&whole[..], &whole[block(3)]].concat(), "a block more");
        std::fs::write(&path, &whole).expect("written");
        assert!(SealedFile::open(&path, &vault(), "identity/b").is_err(), "of another place");
        rename(&path, &vault(), "identity/b").expect("given its place");
        let file = SealedFile::open(&path, &vault(), "identity/b").expect("of this place now");
        assert_eq!(file.bytes(0, 70).expect("bytes"), content[..]);
        assert!(read(&path).is_err());
        let other = ToyVault { keys: vec![2] };
        assert!(SealedFile::open(&path, &other, "identity/b").is_err(), "another key");
    }

    #[test]
    fn a_table_of_many_columns_is_read_with_hardly_a_block_opened_twice() {
        use crate::data_file::{Sealing, Spot};
        use crate::parquet_file::{BATCH_ROWS, ParquetFile, read_columns};
        use arrow_array::{ArrayRef, RecordBatch, RecordBatchReader, StringArray};
        let folder = tempfile::tempdir().expect("a folder");
        let seal = Sealing { vault: Arc::new(vault()), name: "t".into(), writes: true, is_strict: true };
        let spot = Spot { path: folder.path().join("t"), seal: Some(seal) };
        let text = |seed: usize| Some(format!("{:x}", seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        let column = |start: usize, of: usize| -> ArrayRef {
            let rows = start..start + BATCH_ROWS;
            Arc::new(rows.map(|row| text(row * 16 + of)).collect::<StringArray>())
        };
        let batch = |number: usize| {
            let columns = (0..12).map(|of| (format!("c{of}"), column(number * BATCH_ROWS, of)));
            RecordBatch::try_from_iter(columns).expect("a batch")
        };
        let mut file = ParquetFile::create(spot.clone(), batch(0).schema()).expect("begun");
        (0..6).for_each(|number| file.write(&batch(number)).expect("written"));
        file.finish().expect("finished");
        let length = std::fs::metadata(&spot.path).expect("a file").len();
        assert!(length > 2 * KEPT, "{length}: not all of it is kept open");
        let before = toy::opened();
        let table = read_columns(spot, |_| true).expect("open");
        assert_eq!(table.schema().fields().len(), 12);
        assert_eq!(table.map(|batch| batch.expect("read").num_rows()).sum::<usize>(), 6 * BATCH_ROWS);
        let opened = toy::opened() - before;
        assert!(opened < length + length / 4, "{opened} of {length}");
    }

    #[test]
    fn a_block_is_told_with_its_place_and_the_others_still_open() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = sealed(folder.path(), &[7; 70]);
        let mut bytes = std::fs::read(&path).expect("bytes");
        bytes[HEADER + 40] ^= 1;
        std::fs::write(&path, &bytes).expect("written");
        let file = SealedFile::open(&path, &vault(), "identity/a").expect("open");
        assert!(file.bytes(0, 16).is_ok() && file.bytes(32, 38).is_ok());
        assert!(file.bytes(10, 10).expect_err("changed").to_string().contains("第 2 块（共 5 块）"));
    }
}
