//! `GET /api/v1/cases/{case}/documents` and `…/{document}`: papers of a case, for programs that print them.

use super::case::{DocumentName, document_names};
use super::{Told, told};
use crate::access::Visit;
use crate::office::Office;
use crate::pages::cases::sheet;
use crate::pages::leads::root;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use doudi_casework::Piece;
use serde::Serialize;

/// 可以打印的文书
#[derive(Serialize)]
pub(super) struct Documents {
    documents: Vec<DocumentName>,
}

/// 一份文书的内容
#[derive(Serialize)]
pub(super) struct Document {
    title: String,
    pieces: Vec<PieceInfo>,
}

/// 文书的一段
#[derive(Default, Serialize)]
pub(super) struct PieceInfo {
    /// heading 小标题，text 一段话，item 一条，end 落款，sign 签字的地方，blank 手写的地方，table 表，code 二维码的内容
    kind: &'static str,
    /// 文字；表没有
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// 表头；只有表有
    #[serde(skip_serializing_if = "Option::is_none")]
    head: Option<Vec<String>>,
    /// 各行；只有表有
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<Vec<Vec<String>>>,
}

impl From<Piece> for PieceInfo {
    fn from(piece: Piece) -> PieceInfo {
        let (kind, text) = match piece {
            Piece::Heading(text) => ("heading", text),
            Piece::Text(text) => ("text", text),
            Piece::Item(text) => ("item", text),
            Piece::End(text) => ("end", text),
            Piece::Sign(text) => ("sign", text),
            Piece::Blank(text) => ("blank", text),
            Piece::Code(text) => ("code", text),
            Piece::Table { head, rows } => {
                return PieceInfo { kind: "table", head: Some(head), rows: Some(rows), text: None };
            }
        };
        PieceInfo { kind, text: Some(text), ..PieceInfo::default() }
    }
}

/// 一件办件可以打印哪些文书
pub async fn documents(State(office): State<Office>, visit: Visit, Path(id): Path<String>) -> Told {
    let counter = office.counter()?;
    let (scope, id) = (visit.scope.clone(), super::case_id(id)?);
    let case = office.with_store(move |store| store.case(&scope, &id)).await??;
    let procedure = counter.procedure_of(&case.file)?;
    told(&Documents { documents: document_names(&counter, procedure, &case) })
}

/// 一份文书的内容
///
/// 一段一段的文字和表，由程序自己排版打印；与网页上打印的相同。
pub async fn document(
    State(office): State<Office>,
    visit: Visit,
    Path((id, document)): Path<(String, String)>,
    headers: HeaderMap,
) -> Told {
    let id = super::case_id(id)?;
    let (scope, root) = (visit.scope.clone(), root(&office, &headers));
    let case = office.with_store(move |store| store.case(&scope, &id)).await??;
    let sheet = sheet(&office, &case, &document, &root, visit.scope.today())?;
    told(&Document { title: sheet.title, pieces: sheet.pieces.into_iter().map(PieceInfo::from).collect() })
}
