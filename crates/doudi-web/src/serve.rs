//! Listening until somebody asks to stop; then what was begun is finished.

use crate::office::Office;
use crate::router::router;
use std::future::Future;
use std::net::SocketAddr;
use tokio::net::TcpListener;

/// Answers on a listener until `stop` is there; requests that are under way are finished.
pub async fn serve(
    office: Office,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let service = router(office).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(stop).await
}
