//! `doudi demo` up to the pages in a browser, and again.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A demo that is serving; stopped when it is dropped.
struct Serving {
    child: Child,
    address: String,
    /// What it printed on stdout, once it has stopped.
    said: Option<std::thread::JoinHandle<String>>,
}

impl Serving {
    fn start(out: &Path) -> Serving {
        let mut child = Command::new(env!("CARGO_BIN_EXE_doudi"))
            .args(["demo", "--persons", "1000", "--listen", "127.0.0.1:0", "--out"])
            .arg(out)
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

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("connected");
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address)
            .expect("asked");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("answered");
        answer
    }

    fn stop(mut self) -> String {
        self.child.kill().expect("stopped");
        self.child.wait().expect("gone");
        self.said.take().expect("once").join().expect("read")
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_demo_ends_in_an_office_with_every_role_and_opens_again_as_it_was_left() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("demo");
    let first = Serving::start(&out);
    assert!(first.get("/sign-in").contains("登录"), "{}", first.address);
    let said = first.stop();
    for role in doudi_casework::ROLES {
        let line = said.lines().find(|line| line.starts_with(&format!("{} | ", role.code())));
        let line = line.unwrap_or_else(|| panic!("{role}: {said}"));
        assert!(line.contains(role.name()) && line.contains("500243"), "{line}");
        assert!(line.split(" | ").nth(1).is_some_and(|password| password.len() > 12), "{line}");
    }
    let table = said[said.find("用户名 |").expect("a table")..].to_owned();

    let again = Serving::start(&out);
    assert!(again.get("/sign-in").contains("登录"));
    let said = again.stop();
    assert!(said.contains(&table) && !said.contains("疑点种类"), "nothing is invented anew: {said}");
}
