//! A file on its way in: written to disc as it comes, however large, then looked at.

use super::{act, desk, render};
use crate::access::Visit;
use crate::form::Wrongs;
use crate::office::Office;
use crate::pages::go;
use crate::rosters::Sink;
use crate::trouble::{Answer, Trouble};
use axum::extract::multipart::{Field, MultipartError, MultipartRejection};
use axum::extract::{Multipart, State};
use doudi_casework::Permission;
use doudi_store::RosterAct;
use tokio::sync::mpsc;

/// Pieces between the line and the disc.
const PIECES: usize = 8;

/// `POST /imports`: `file`
pub async fn upload(
    State(office): State<Office>,
    visit: Visit,
    parts: Result<Multipart, MultipartRejection>,
) -> Answer {
    let desk = desk(&office, &visit, Permission::ImportRosters).ok_or(Trouble::NotFound)?;
    let mut parts = parts.map_err(|_| Trouble::bad("没有收到文件。请在“导入名册”那一页选文件"))?;
    let mut form = Wrongs::default();
    while let Some(field) = parts.next_field().await.map_err(|error| broken_off(&error))? {
        if field.name() != Some("file") {
            continue;
        }
        let name = field.file_name().unwrap_or_default().to_owned();
        if name.trim().is_empty() {
            continue;
        }
        let (draft, sink) = match desk.receive(&name) {
            Ok(received) => received,
            Err(why) => {
                form.add("file", why);
                break;
            }
        };
        match keep(field, sink).await? {
            Err(why) => {
                desk.discard(&draft);
                form.add("file", why);
                break;
            }
            Ok(0) => {
                desk.discard(&draft);
                form.add("file", "这个文件是空的。请重新选一个");
                break;
            }
            Ok(bytes) => {
                let what = (RosterAct::Upload, draft.clone(), format!("bytes={bytes}"));
                let (by, at) = (visit.scope.user().name.clone(), visit.scope.at().to_string());
                let id = draft.clone();
                return match act(&office, &visit, desk, what, move |desk| desk.look(&id, &by, &at)).await? {
                    Ok(()) => go(&format!("/imports/{draft}")),
                    Err(why) => {
                        form.add("file", why);
                        render(&office, &visit, form, "", "").await
                    }
                };
            }
        }
    }
    if form.is_empty() {
        form.add("file", "请先选一个名册文件");
    }
    render(&office, &visit, form, "", "").await
}

fn broken_off(error: &MultipartError) -> Trouble {
    tracing::info!(%error, "upload broken off");
    Trouble::bad("文件没有传完，断开了。请再传一次")
}

/// Gives how many bytes came, or why they could not be kept.
async fn keep(mut field: Field<'_>, mut sink: Box<dyn Sink>) -> Result<Result<u64, String>, Trouble> {
    let (pieces, mut to_write) = mpsc::channel::<axum::body::Bytes>(PIECES);
    let writer = tokio::task::spawn_blocking(move || {
        let mut bytes = 0;
        while let Some(piece) = to_write.blocking_recv() {
            sink.write_all(&piece)?;
            bytes += piece.len() as u64;
        }
        sink.finish().map(|()| bytes)
    });
    let mut broken = None;
    loop {
        match field.chunk().await {
            Ok(Some(piece)) => {
                // Where the disc has refused, the writer says why.
                if pieces.send(piece).await.is_err() {
                    break;
                }
            }
            Ok(None) => break,
            Err(error) => {
                broken = Some(error);
                break;
            }
        }
    }
    drop(pieces);
    let written = writer.await.map_err(Trouble::broken)?;
    if let Some(error) = broken {
        let too_large = error.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE;
        return Ok(Err(match too_large {
            true => "文件太大，超过 512 MB。请分成几份，或者另存为 csv 再导入".to_owned(),
            false => "文件没有传完，断开了。请再传一次".to_owned(),
        }));
    }
    Ok(written.map_err(|error| format!("服务器存不下这个文件：{error}。请告诉系统管理员")))
}
