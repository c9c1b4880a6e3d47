//! The served office as a browser meets it: over the network, with cookies and forms.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

/// A program that is serving; stopped when it is dropped.
pub struct Serving {
    child: Child,
    address: String,
    /// What it printed on stdout, once it has stopped.
    said: Option<std::thread::JoinHandle<String>>,
}

impl Serving {
    /// Runs the program until it says where it serves; `--listen` is added.
    pub fn start(arguments: &[&str]) -> Serving {
        let mut child = Command::new(env!("CARGO_BIN_EXE_doudi"))
            .args(arguments)
            .args(["--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let mut stdout = child.stdout.take().expect("stdout");
        let said = std::thread::spawn(move || {
            let mut text = String::new();
            let _ = stdout.read_to_string(&mut text);
            text
        });
        let mut lines = BufReader::new(child.stderr.take().expect("stderr")).lines();
        let mut heard = Vec::new();
        let address = lines.by_ref().map_while(Result::ok).find_map(|line| {
            let address = line.split_once("http://").and_then(|(_, rest)| rest.split_once('/'));
            let address = address.map(|(address, _)| address.to_owned());
            heard.push(line);
            address
        });
        // Whoever does not listen any more would stop it from writing.
        std::thread::spawn(move || lines.for_each(drop));
        Serving { child, address: address.unwrap_or_else(|| panic!("{heard:?}")), said: Some(said) }
    }

    pub fn stop(mut self) -> String {
        self.child.kill().expect("stopped");
        self.child.wait().expect("gone");
        self.said.take().expect("once").join().expect("read")
    }

    /// Asks, and gives head and body as text.
    fn ask(&self, method: &str, path: &str, cookie: &str, (kind, body): (&str, &[u8])) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("connected");
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {0}\r\nOrigin: http://{0}\r\nCookie: {cookie}\r\n\
             Content-Type: {kind}\r\nContent-Length: {1}\r\nConnection: close\r\n\r\n",
            self.address,
            body.len()
        );
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).expect("asked");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("answered");
        String::from_utf8_lossy(&answer).into_owned()
    }

    pub fn get(&self, path: &str) -> String {
        self.ask("GET", path, "", ("", b""))
    }

    /// Signs in with a one-time password and changes it, as the first visit asks for.
    pub fn sign_in(&self, login: &str, password: &str) -> Visitor<'_> {
        let form = "application/x-www-form-urlencoded";
        let own = "改好的口令2020Zz";
        let text = format!("login={login}&password={password}");
        let answer = self.ask("POST", "/sign-in", "", (form, text.as_bytes()));
        let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: "));
        let cookie = cookie.and_then(|cookie| cookie.split(';').next()).unwrap_or_else(|| panic!("{answer}"));
        let visitor = Visitor { serving: self, cookie: cookie.to_owned() };
        let changed = visitor.post("/account", &format!("old={password}&new={own}&again={own}"));
        assert!(!changed.contains("有误"), "{changed}");
        visitor
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Somebody signed in.
pub struct Visitor<'s> {
    serving: &'s Serving,
    cookie: String,
}

impl Visitor<'_> {
    pub fn get(&self, path: &str) -> String {
        self.serving.ask("GET", path, &self.cookie, ("", b""))
    }

    pub fn post(&self, path: &str, form: &str) -> String {
        let kind = "application/x-www-form-urlencoded";
        self.serving.ask("POST", path, &self.cookie, (kind, form.as_bytes()))
    }

    /// Sends a file as a form does.
    pub fn upload(&self, path: &str, name: &str, content: &[u8]) -> String {
        let mut body = format!(
            "--line\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n--line--\r\n");
        self.serving.ask("POST", path, &self.cookie, ("multipart/form-data; boundary=line", &body))
    }
}

/// Where an answer sends the browser.
pub fn location(answer: &str) -> &str {
    let line = answer.lines().find_map(|line| line.strip_prefix("location: "));
    line.unwrap_or_else(|| panic!("{answer}"))
}
