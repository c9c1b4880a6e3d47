//! The file of a backup: a header, then blocks of records, each block sealed with its number, the last one marked.

use crate::db::Value;
use crate::error::{Outcome, StoreError};
use crate::seal::{Keyring, hmac, provider, sha256};
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

const MAGIC: &[u8; 16] = b"DOUDI-BACKUP-1\r\n";
/// Magic, algorithm, key's number, salt of the file's own key.
const HEADER: usize = 16 + 1 + 4 + 16;
const BLOCK: usize = 1 << 20;
/// A block with what sealing adds, and one long row; longer than this is no block of ours.
const LONGEST: usize = BLOCK * 64;

/// One thing in the stream.
#[derive(Debug, PartialEq)]
pub(super) enum Record {
    Table(String, Vec<String>),
    Row(Vec<Value>),
    /// The manifest as JSON.
    End(String),
}

/// What all blocks of a file share.
struct Seal {
    algorithm: u8,
    key: [u8; 32],
    header: [u8; 32],
    block: u64,
}

impl Seal {
    fn of(header: &[u8; HEADER], keys: &Keyring) -> Outcome<Seal> {
        let id = u32::from_be_bytes([header[17], header[18], header[19], header[20]]);
        let key = hmac(&keys.by_id(i64::from(id))?.backup, &[&header[21..]]);
        Ok(Seal { algorithm: header[16], key, header: sha256(header), block: 0 })
    }

    /// Number and end are bound to the block: none can be left out, moved or cut off.
    fn place(&self, is_last: bool) -> Vec<u8> {
        let mut place = self.header.to_vec();
        place.push(u8::from(is_last));
        place
    }

    /// Every file has a key of its own, so that counting is enough for a nonce.
    fn nonce(&mut self) -> [u8; 12] {
        let mut nonce = [0; 12];
        nonce[4..].copy_from_slice(&self.block.to_be_bytes());
        self.block += 1;
        nonce
    }
}

pub(super) struct SealedWriter {
    file: File,
    path: String,
    seal: Seal,
    block: Vec<u8>,
}

impl SealedWriter {
    pub fn create(path: &Path, keys: &Keyring) -> Outcome<SealedWriter> {
        let mut options = std::fs::OpenOptions::new();
        options.create(true).truncate(true).write(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        let mut header = [0; HEADER];
        header[..16].copy_from_slice(MAGIC);
        header[16] = keys.algorithm();
        header[17..21].copy_from_slice(&(keys.current().id as u32).to_be_bytes());
        header[21..].copy_from_slice(&crate::random::bytes::<16>()?);
        let mut file = options.open(path).map_err(StoreError::io(path))?;
        file.write_all(&header).map_err(StoreError::io(path))?;
        let seal = Seal::of(&header, keys)?;
        Ok(SealedWriter {
            file,
            path: path.display().to_string(),
            seal,
            block: Vec::with_capacity(BLOCK * 2),
        })
    }

    pub fn record(&mut self, record: &Record) -> Outcome<()> {
        write_record(&mut self.block, record);
        if self.block.len() >= BLOCK { self.flush(false) } else { Ok(()) }
    }

    fn flush(&mut self, is_last: bool) -> Outcome<()> {
        let nonce = self.seal.nonce();
        let place = self.seal.place(is_last);
        let sealed = provider(self.seal.algorithm)?.seal(&self.seal.key, &nonce, &place, &self.block)?;
        let mut head = (sealed.len() as u32).to_be_bytes().to_vec();
        head.push(u8::from(is_last));
        let written = self.file.write_all(&head).and_then(|()| self.file.write_all(&sealed));
        self.block.clear();
        written.map_err(|error| StoreError::Io(self.path.clone(), error))
    }

    pub fn finish(mut self) -> Outcome<()> {
        self.flush(true)?;
        self.file.sync_all().map_err(|error| StoreError::Io(self.path.clone(), error))
    }
}

pub(super) struct SealedReader<R> {
    file: R,
    seal: Seal,
    block: Vec<u8>,
    at: usize,
    is_last: bool,
}

impl SealedReader<File> {
    pub fn open(path: &Path, keys: &Keyring) -> Outcome<SealedReader<File>> {
        SealedReader::read(File::open(path).map_err(StoreError::io(path))?, keys)
    }
}

impl<R: Read> SealedReader<R> {
    fn read(mut file: R, keys: &Keyring) -> Outcome<SealedReader<R>> {
        let mut header = [0; HEADER];
        let read = file.read_exact(&mut header);
        if read.is_err() || !header.starts_with(MAGIC) {
            return Err(StoreError::bad("这不是兜底的备份文件"));
        }
        let seal = Seal::of(&header, keys)?;
        Ok(SealedReader { file, seal, block: Vec::new(), at: 0, is_last: false })
    }

    pub fn record(&mut self) -> Outcome<Record> {
        while self.at >= self.block.len() {
            if self.is_last {
                return Err(StoreError::damaged("备份在记录中间结束"));
            }
            self.next_block()?;
        }
        let mut rest = &self.block[self.at..];
        let record = read_record(&mut rest).ok_or_else(|| StoreError::damaged("备份里的记录读不出来"))?;
        self.at = self.block.len() - rest.len();
        Ok(record)
    }

    fn next_block(&mut self) -> Outcome<()> {
        let broken = |_| StoreError::damaged("备份文件不完整：后面缺了一段");
        let mut head = [0; 5];
        self.file.read_exact(&mut head).map_err(broken)?;
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        if length > LONGEST {
            return Err(StoreError::damaged("备份文件里有一段长度不对"));
        }
        self.is_last = head[4] == 1;
        let mut sealed = vec![0; length];
        self.file.read_exact(&mut sealed).map_err(broken)?;
        let nonce = self.seal.nonce();
        let place = self.seal.place(self.is_last);
        self.block = provider(self.seal.algorithm)?.open(&self.seal.key, &nonce, &place, &sealed)?;
        self.at = 0;
        Ok(())
    }
}

fn write_text(out: &mut Vec<u8>, text: &[u8]) {
    out.extend_from_slice(&(text.len() as u32).to_be_bytes());
    out.extend_from_slice(text);
}

fn write_record(out: &mut Vec<u8>, record: &Record) {
    match record {
        Record::Table(name, columns) => {
            out.push(b'T');
            write_text(out, name.as_bytes());
            out.extend_from_slice(&(columns.len() as u32).to_be_bytes());
            columns.iter().for_each(|column| write_text(out, column.as_bytes()));
        }
        Record::Row(values) => {
            out.push(b'R');
            out.extend_from_slice(&(values.len() as u32).to_be_bytes());
            values.iter().for_each(|value| write_value(out, value));
        }
        Record::End(manifest) => {
            out.push(b'E');
            write_text(out, manifest.as_bytes());
        }
    }
}

fn write_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => out.push(0),
        Value::Int(number) => {
            out.push(1);
            out.extend_from_slice(&number.to_be_bytes());
        }
        Value::Text(text) => {
            out.push(2);
            write_text(out, text.as_bytes());
        }
        Value::Bytes(bytes) => {
            out.push(3);
            write_text(out, bytes);
        }
    }
}

fn take<'b>(from: &mut &'b [u8], count: usize) -> Option<&'b [u8]> {
    let (taken, rest) = from.split_at_checked(count)?;
    *from = rest;
    Some(taken)
}

fn read_count(from: &mut &[u8]) -> Option<usize> {
    let bytes: [u8; 4] = take(from, 4)?.try_into().ok()?;
    Some(u32::from_be_bytes(bytes) as usize)
}

fn read_text(from: &mut &[u8]) -> Option<String> {
    let count = read_count(from)?;
    String::from_utf8(take(from, count)?.to_vec()).ok()
}

fn read_record(from: &mut &[u8]) -> Option<Record> {
    match take(from, 1)? {
        b"T" => {
            let name = read_text(from)?;
            let count = read_count(from)?;
            Some(Record::Table(name, (0..count).map(|_| read_text(from)).collect::<Option<_>>()?))
        }
        b"R" => {
            let count = read_count(from)?;
            Some(Record::Row((0..count).map(|_| read_value(from)).collect::<Option<_>>()?))
        }
        b"E" => Some(Record::End(read_text(from)?)),
        _ => None,
    }
}

fn read_value(from: &mut &[u8]) -> Option<Value> {
    match take(from, 1)? {
        [0] => Some(Value::Null),
        [1] => Some(Value::Int(i64::from_be_bytes(take(from, 8)?.try_into().ok()?))),
        [2] => Some(Value::Text(read_text(from)?)),
        [3] => {
            let count = read_count(from)?;
            Some(Value::Bytes(take(from, count)?.to_vec()))
        }
        _ => None,
    }
}
