//! The program as it serves, and people's browsers as far as writing needs one.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

pub struct Server {
    child: Child,
    address: String,
}

impl Server {
    pub fn start(store: &str, keys: &Path) -> Server {
        let mut child = Command::new(env!("CARGO_BIN_EXE_doudi"))
            .args(["serve", "--listen", "127.0.0.1:0", "--store", store, "--key"])
            .arg(keys)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
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
        Server { child, address: address.unwrap_or_else(|| panic!("{heard:?}")) }
    }

    pub fn sign_in(&self, login: &str, password: &str) -> Session {
        let mut session = Session { address: self.address.clone(), cookie: String::new() };
        let answer = session.send("POST", "/sign-in", &form(&[("login", login), ("password", password)]));
        let answer = answer.expect("the server is there");
        let (_, cookie) = answer.split_once("set-cookie: ").unwrap_or_else(|| panic!("{answer}"));
        session.cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        session
    }

    /// As a service manager does; whether it ended well.
    pub fn stop(mut self) -> bool {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(told.expect("kill runs").success());
        self.child.wait().expect("gone").success()
    }

    /// As when the power goes.
    pub fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
    }
}

pub struct Session {
    address: String,
    cookie: String,
}

impl Session {
    /// Whether it was done; `None` where nobody answered.
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Option<bool> {
        let answer = self.send("POST", path, &form(fields))?;
        Some(answer.starts_with("HTTP/1.1 303"))
    }

    /// The version of a lead or a case that its page shows.
    pub fn version(&self, page: &str) -> Option<String> {
        let page = self.send("GET", page, "")?;
        let (_, after) = page.split_once("name=\"version\" value=\"").unwrap_or_else(|| panic!("{page}"));
        after.split('"').next().map(str::to_owned)
    }

    /// The whole answer; `None` where it did not come whole.
    fn send(&self, method: &str, path: &str, body: &str) -> Option<String> {
        let Session { address, cookie } = self;
        let mut stream = TcpStream::connect(address).ok()?;
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\norigin: http://{address}\r\ncookie: {cookie}\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all((head + body).as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        // Killed between head and body: whoever reads a head has been told.
        answer
            .contains("\r\n\r\n")
            .then_some(answer)
            .filter(|answer| method == "POST" || answer.contains("</html>"))
    }
}

fn form(fields: &[(&str, &str)]) -> String {
    let escape = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let pairs: Vec<String> =
        fields.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect();
    pairs.join("&")
}
