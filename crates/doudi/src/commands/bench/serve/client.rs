//! A browser as far as a measurement needs one: a connection that is kept, a cookie, forms.

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{CONTENT_TYPE, COOKIE, HOST, LOCATION, ORIGIN, SET_COOKIE};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

pub struct Browser {
    host: String,
    pub cookie: String,
    connection: Option<SendRequest<Full<Bytes>>>,
}

pub struct Reply {
    pub status: StatusCode,
    pub cookie: String,
    pub location: String,
    pub body: Bytes,
}

impl Browser {
    pub fn new(host: &str, cookie: &str) -> Browser {
        Browser { host: host.to_owned(), cookie: cookie.to_owned(), connection: None }
    }

    pub async fn get(&mut self, path: &str) -> Result<Reply, String> {
        self.send(Method::GET, path, String::new()).await
    }

    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<Reply, String> {
        let pairs: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        self.send(Method::POST, path, pairs.join("&")).await
    }

    async fn send(&mut self, method: Method, path: &str, form: String) -> Result<Reply, String> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, &self.host)
            .header(ORIGIN, format!("http://{}", self.host))
            .header(COOKIE, &self.cookie)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Full::new(Bytes::from(form)))
            .map_err(|error| error.to_string())?;
        let mut connection = match self.connection.take().filter(|connection| connection.is_ready()) {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        let response = connection.send_request(request).await.map_err(|error| error.to_string())?;
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        let cookie =
            header(SET_COOKIE).and_then(|text| text.split(';').next()).unwrap_or_default().to_owned();
        let (status, location) = (response.status(), header(LOCATION).unwrap_or_default().to_owned());
        let body = response.into_body().collect().await.map_err(|error| error.to_string())?.to_bytes();
        // The answer is whole: the connection is free again in a moment.
        if connection.ready().await.is_ok() {
            self.connection = Some(connection);
        }
        Ok(Reply { status, cookie, location, body })
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, String> {
        let stream = TcpStream::connect(&self.host).await.map_err(|error| error.to_string())?;
        let _ = stream.set_nodelay(true);
        let (sender, connection) =
            handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
        tokio::spawn(connection);
        Ok(sender)
    }
}

pub fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
