//! Forms that may carry files, read piece by piece: a file that is too long is told without being kept.

use crate::trouble::Trouble;
use axum::body::Bytes;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;

/// What a form says, in the order of its fields.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    pub fields: Vec<(String, String)>,
    pub files: Vec<SentFile>,
    /// Files that are not kept, each with why.
    pub problems: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct SentFile {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// What is taken of a form's files.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FileLimits {
    pub count: usize,
    /// Of each.
    pub bytes: usize,
    /// A field of text is never longer.
    pub text: usize,
}

/// What somebody types is never longer.
pub(crate) const LONGEST_TEXT: usize = 64 * 1024;

impl Sent {
    /// Reads a form in either way in which browsers send one.
    pub async fn read(request: Request, limits: FileLimits) -> Result<Sent, Trouble> {
        let kind =
            request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("multipart/form-data") {
            let body = Bytes::from_request(request, &()).await.map_err(|_| Trouble::bad(TOO_MUCH))?;
            let pairs = form_urlencoded::parse(&body);
            let fields = pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
            return Ok(Sent { fields, ..Sent::default() });
        }
        let mut parts = Multipart::from_request(request, &()).await.map_err(|_| Trouble::bad(CUT_OFF))?;
        let mut sent = Sent::default();
        while let Some(field) = parts.next_field().await.map_err(unread)? {
            sent.take(field, limits).await?;
        }
        Ok(sent)
    }

    pub fn text(&self, name: &str) -> String {
        self.fields
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.clone())
            .unwrap_or_default()
    }

    async fn take(&mut self, mut field: Field<'_>, limits: FileLimits) -> Result<(), Trouble> {
        let name = field.name().unwrap_or_default().to_owned();
        let Some(file) = field.file_name().map(str::to_owned) else {
            let text = whole(&mut field, limits.text).await?.ok_or_else(|| Trouble::bad(TOO_MUCH))?;
            self.fields.push((name, String::from_utf8_lossy(&text).into_owned()));
            return Ok(());
        };
        let bytes = whole(&mut field, limits.bytes).await?;
        let shown: String = file.chars().filter(|sign| !sign.is_control()).take(80).collect();
        match bytes {
            // Where nothing was chosen a browser sends a file without a name.
            Some(bytes) if bytes.is_empty() && file.is_empty() => {}
            None => {
                let most = limits.bytes >> 20;
                self.problems.push(format!("“{shown}”超过 {most} 兆，没有收。请压缩或者分开以后再传"));
            }
            Some(_) if self.files.len() >= limits.count => {
                let most = limits.count;
                self.problems.push(format!("一次最多传 {most} 份，“{shown}”没有收。请分几次传"));
            }
            Some(bytes) => self.files.push(SentFile { name: file, bytes }),
        }
        Ok(())
    }
}

const TOO_MUCH: &str = "一次传的东西太多，没有收。请分几次传";
const CUT_OFF: &str = "没有传完就断了，没有收。请检查网络，再传一次";

/// Everything of a field; `None` where it is longer. What is too long is read to its end and forgotten piece by piece.
async fn whole(field: &mut Field<'_>, most: usize) -> Result<Option<Vec<u8>>, Trouble> {
    let mut bytes = Vec::new();
    let mut is_too_long = false;
    while let Some(piece) = field.chunk().await.map_err(unread)? {
        is_too_long |= bytes.len() + piece.len() > most;
        if is_too_long {
            bytes = Vec::new();
        } else {
            bytes.extend_from_slice(&piece);
        }
    }
    Ok((!is_too_long).then_some(bytes))
}

fn unread(error: MultipartError) -> Trouble {
    Trouble::bad(if error.status() == StatusCode::PAYLOAD_TOO_LARGE { TOO_MUCH } else { CUT_OFF })
}
