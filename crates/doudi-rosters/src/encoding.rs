//! The encodings that text files come in, and reading them as UTF-8 without holding the file.

use crate::source::Source;
use encoding_rs::{Decoder, DecoderResult, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};
use sha2::{Digest, Sha256};
use std::io::{self, Read};

/// Bytes of the head that recognition looks at.
const HEAD_BYTES: usize = 256 * 1024;
const CHUNK: usize = 64 * 1024;

/// What one pass over a file's bytes found out.
pub(crate) struct Survey {
    pub sha256: String,
    pub head: Vec<u8>,
    /// No byte of the file contradicts UTF-8.
    pub valid_utf8: bool,
    /// An odd number means that a quote was never closed, and would swallow the rows after it.
    pub quotes: u64,
    /// A line ends with a carriage return alone somewhere, as on old Macs.
    pub lone_returns: bool,
}

/// Reads the whole file once: its hash, and what has to be known before the first row can be trusted.
pub(crate) fn survey(source: &Source) -> io::Result<Survey> {
    let mut file = source.open()?;
    let mut hash = Sha256::new();
    let mut survey =
        Survey { sha256: String::new(), head: Vec::new(), valid_utf8: true, quotes: 0, lone_returns: false };
    let mut utf8 = Utf8Check::default();
    let mut buffer = vec![0_u8; CHUNK];
    let (mut returns, mut after_return) = (0_u64, 0_u64);
    let mut last = 0;
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        let chunk = &buffer[..read];
        let here = count(b'\r', chunk);
        if here > 0 || last == b'\r' {
            returns += here;
            after_return += u64::from(last == b'\r' && chunk[0] == b'\n');
            let pairs = chunk.iter().zip(&chunk[1..]);
            after_return += pairs.filter(|(a, b)| (**a, **b) == (b'\r', b'\n')).count() as u64;
        }
        last = chunk[read - 1];
        hash.update(chunk);
        utf8.push(chunk);
        survey.quotes += count(b'"', chunk);
        let room = HEAD_BYTES.saturating_sub(survey.head.len());
        survey.head.extend_from_slice(&chunk[..read.min(room)]);
    }
    survey.lone_returns = returns > after_return;
    survey.valid_utf8 = utf8.finish();
    survey.sha256 = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(survey)
}

fn count(byte: u8, chunk: &[u8]) -> u64 {
    memchr::memchr_iter(byte, chunk).count() as u64
}

/// UTF-8 validity across chunk borders.
#[derive(Default)]
struct Utf8Check {
    rest: Vec<u8>,
    broken: bool,
}

impl Utf8Check {
    fn push(&mut self, chunk: &[u8]) {
        if self.broken {
            return;
        }
        let mut start = 0;
        // Finish the character that the last chunk cut: at most three more bytes belong to it.
        while !self.rest.is_empty() && start < chunk.len() {
            self.rest.push(chunk[start]);
            start += 1;
            match std::str::from_utf8(&self.rest) {
                Ok(_) => self.rest.clear(),
                Err(error) if error.error_len().is_some() => {
                    self.broken = true;
                    return;
                }
                Err(_) => {}
            }
        }
        if let Err(error) = simdutf8::compat::from_utf8(&chunk[start..]) {
            match error.error_len() {
                Some(_) => self.broken = true,
                None => self.rest.extend_from_slice(&chunk[start + error.valid_up_to()..]),
            }
        }
    }

    fn finish(self) -> bool {
        !self.broken && self.rest.is_empty()
    }
}

/// The encoding of a text file, and how many places it could not be read in.
pub(crate) fn find_encoding(source: &Source, survey: &Survey) -> io::Result<(&'static Encoding, u64)> {
    if survey.head.starts_with(b"\xff\xfe") {
        return Ok((UTF_16LE, 0));
    }
    if survey.head.starts_with(b"\xfe\xff") {
        return Ok((UTF_16BE, 0));
    }
    if survey.valid_utf8 {
        return Ok((UTF_8, 0));
    }
    let (gb, utf8) = (malformed(source, GB18030)?, malformed(source, UTF_8)?);
    // A single broken byte in a UTF-8 file turns most of its characters into malformed GB18030, and the other way round.
    Ok(if gb <= utf8 { (GB18030, gb) } else { (UTF_8, utf8) })
}

/// Quotes of a file whose characters are two bytes long.
pub(crate) fn quotes_in_utf16(source: &Source, encoding: &'static Encoding) -> io::Result<u64> {
    let mut reader = Utf8Reader::new(source.open()?, encoding);
    let mut buffer = vec![0_u8; CHUNK];
    let mut quotes = 0;
    loop {
        let read = reader.read(&mut buffer)?;
        if read == 0 {
            return Ok(quotes);
        }
        quotes += buffer[..read].iter().filter(|b| **b == b'"').count() as u64;
    }
}

fn malformed(source: &Source, encoding: &'static Encoding) -> io::Result<u64> {
    let mut file = source.open()?;
    let mut decoder = encoding.new_decoder_with_bom_removal();
    let mut buffer = vec![0_u8; CHUNK];
    let mut out = vec![0_u8; CHUNK * 4];
    let mut count = 0;
    loop {
        let read = file.read(&mut buffer)?;
        let mut rest = &buffer[..read];
        loop {
            let (result, used, _) = decoder.decode_to_utf8_without_replacement(rest, &mut out, read == 0);
            rest = &rest[used..];
            match result {
                DecoderResult::Malformed(..) => count += 1,
                DecoderResult::InputEmpty => break,
                DecoderResult::OutputFull => {}
            }
        }
        if read == 0 {
            return Ok(count);
        }
    }
}

/// A reader of any encoding that gives valid UTF-8 without a byte order mark; unreadable bytes become `�`.
pub(crate) struct Utf8Reader<R> {
    inner: R,
    decoder: Decoder,
    input: Vec<u8>,
    output: Vec<u8>,
    start: usize,
    end: usize,
    done: bool,
}

impl<R: Read> Utf8Reader<R> {
    pub fn new(inner: R, encoding: &'static Encoding) -> Utf8Reader<R> {
        Utf8Reader {
            inner,
            decoder: encoding.new_decoder_with_bom_removal(),
            input: vec![0; CHUNK],
            // The longest growth is two bytes to three, and a little for what the decoder held back.
            output: vec![0; CHUNK * 3 + 64],
            start: 0,
            end: 0,
            done: false,
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        while self.start == self.end && !self.done {
            let read = self.inner.read(&mut self.input)?;
            let last = read == 0;
            let (_, _, written, _) = self.decoder.decode_to_utf8(&self.input[..read], &mut self.output, last);
            (self.start, self.end, self.done) = (0, written, last);
        }
        Ok(())
    }
}

impl<R: Read> Read for Utf8Reader<R> {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        self.fill()?;
        let count = target.len().min(self.end - self.start);
        target[..count].copy_from_slice(&self.output[self.start..self.start + count]);
        self.start += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_cut_by_a_chunk_border_are_still_utf8() {
        let text = "民政低保".as_bytes();
        for cut in 0..text.len() {
            let mut check = Utf8Check::default();
            check.push(&text[..cut]);
            check.push(&text[cut..]);
            assert!(check.finish(), "cut at {cut}");
        }
        let mut broken = Utf8Check::default();
        broken.push(b"\xb5\xcd\xb1\xa3");
        assert!(!broken.finish());
    }
}
