//! A file on its way out: read piece by piece as the browser takes it, so that a large one needs no memory.

use axum::body::{Body, Bytes};
use hyper::body::{Frame, SizeHint};
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc::{Receiver, channel};

const PIECE: usize = 64 * 1024;
/// Pieces that wait for a slow browser.
const WAITING: usize = 4;

struct FileBody {
    pieces: Receiver<io::Result<Bytes>>,
    left: u64,
}

/// The file as an answer. What it is when it is opened is what is sent, whatever is put in its place meanwhile.
pub(crate) async fn file_body(path: PathBuf) -> io::Result<Body> {
    let (tell, pieces) = channel(WAITING);
    let opened = tokio::task::spawn_blocking(move || {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        Ok::<_, io::Error>((file, size))
    });
    let (mut file, size) = opened.await.map_err(io::Error::other)??;
    tokio::task::spawn_blocking(move || {
        loop {
            let mut piece = vec![0; PIECE];
            let read = match file.read(&mut piece) {
                Ok(0) => return,
                Ok(read) => Ok(read),
                Err(error) => Err(error),
            };
            let has_failed = read.is_err();
            let piece = read.map(|read| {
                piece.truncate(read);
                Bytes::from(piece)
            });
            // Whoever went away needs no more.
            if tell.blocking_send(piece).is_err() || has_failed {
                return;
            }
        }
    });
    Ok(Body::new(FileBody { pieces, left: size }))
}

impl hyper::body::Body for FileBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.pieces.poll_recv(context).map(|piece| {
            let piece = piece?;
            if let Ok(bytes) = &piece {
                self.left = self.left.saturating_sub(bytes.len() as u64);
            }
            Some(piece.map(Frame::data))
        })
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
