//! Over a real connection: who is slow, greedy or rude holds nobody else up, and stopping breaks nothing off.

use crate::office::{OWN, PASSWORD, TestOffice};
use doudi_casework::Role;
use doudi_web::{Limits, serve};
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// Short, so that a test sees them pass.
const SHORT: Limits = Limits {
    head: Duration::from_millis(600),
    answer: Duration::from_millis(1_500),
    upload: Duration::from_secs(5),
    stall: Duration::from_millis(1_000),
    farewell: Duration::from_secs(5),
    connections: 40,
    desks: 4,
    sign_ins: 6,
};
/// Time enough for a busy machine; a server that waits for ever fails.
const PATIENCE: Duration = Duration::from_secs(20);

struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Server {
    fn start(office: &TestOffice) -> Server {
        let office = office.office();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
        let address = listener.local_addr().expect("an address");
        let (stop, asked) = oneshot::channel::<()>();
        let thread = std::thread::spawn(move || {
            let asked = async {
                let _ = asked.await;
            };
            runtime.block_on(serve(office, listener, asked)).expect("served");
        });
        Server { address, stop: Some(stop), thread: Some(thread) }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).expect("connected");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time");
        stream.set_write_timeout(Some(PATIENCE)).expect("a time");
        stream
    }

    fn ask(&self, request: &str) -> String {
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).expect("sent");
        all(&mut stream)
    }

    fn stop(&mut self) {
        drop(self.stop.take());
        self.thread.take().expect("running").join().expect("stopped");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.thread.is_some() {
            self.stop();
        }
    }
}

fn all(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A connection that is cut off ends in an error; what came before counts.
    let _ = stream.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

fn sign_in(login: &str, password: &str) -> (String, String) {
    let password: String = password.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let form = format!("login={login}&password={password}");
    let head = format!(
        "POST /sign-in HTTP/1.1\r\nhost: office\r\norigin: http://office\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n",
        form.len()
    );
    (head, form)
}

const ALIVE: &str = "GET /healthz HTTP/1.1\r\nhost: office\r\nconnection: close\r\n\r\n";

#[test]
fn whoever_sends_slowly_or_nothing_is_cut_off_while_others_are_served() {
    let office = TestOffice::with(SHORT, None);
    let server = Server::start(&office);
    let silent: Vec<TcpStream> = (0..30).map(|_| server.connect()).collect();
    let mut half = server.connect();
    half.write_all(b"GET /sign-in HTTP/1.1\r\nhost: of").expect("sent");
    let mut drip = server.connect();
    drip.write_all(sign_in("worker", "x").0.as_bytes()).expect("sent");
    assert!(server.ask(ALIVE).starts_with("HTTP/1.1 200"), "others are served meanwhile");
    assert!(!all(&mut half).contains(" 200 "), "half a head gets no page");
    assert!(all(&mut drip).starts_with("HTTP/1.1 504"), "a body that does not come is not waited for");
    for mut stream in silent {
        assert_eq!(all(&mut stream), "", "closed without a word");
    }
}

#[test]
fn more_connections_than_there_is_room_for_wait_and_come_in() {
    let office = TestOffice::with(SHORT, None);
    let server = Server::start(&office);
    let silent: Vec<TcpStream> = (0..SHORT.connections).map(|_| server.connect()).collect();
    assert!(server.ask(ALIVE).starts_with("HTTP/1.1 200"), "as soon as the silent ones are cut off");
    drop(silent);
}

#[test]
fn whoever_does_not_take_the_answer_is_cut_off() {
    let office = TestOffice::with(SHORT, None);
    let server = Server::start(&office);
    let mut deaf = server.connect();
    // Many answers asked for in one go, and none taken: sooner or later they fill what lies between.
    let request = b"GET /sign-in HTTP/1.1\r\nhost: office\r\n\r\n".repeat(64);
    let failed = (0..100_000).find_map(|_| deaf.write_all(&request).err());
    // Cut off by the server, not given up here.
    let cut_off = [ErrorKind::ConnectionReset, ErrorKind::BrokenPipe];
    assert!(failed.as_ref().is_some_and(|error| cut_off.contains(&error.kind())), "{failed:?}");
    assert!(server.ask(ALIVE).starts_with("HTTP/1.1 200"));
}

#[test]
fn a_form_that_is_too_long_is_refused() {
    let office = TestOffice::with(SHORT, None);
    let server = Server::start(&office);
    let (head, form) = sign_in("worker", &"x".repeat(200_000));
    let answer = server.ask(&(head + &form));
    assert!(answer.starts_with("HTTP/1.1 413"), "{}", &answer[..answer.len().min(300)]);
}

#[test]
fn what_is_under_way_is_finished_before_the_server_stops() {
    let office = TestOffice::with(Limits { answer: PATIENCE, ..SHORT }, None);
    office.sign_in("worker", Role::VillageWorker, OWN);
    let mut server = Server::start(&office);
    let (head, form) = sign_in("worker", PASSWORD);
    let (first, rest) = form.split_at(10);
    let mut stream = server.connect();
    stream.write_all((head + first).as_bytes()).expect("sent");
    // Time for the server to begin with it.
    std::thread::sleep(Duration::from_millis(300));
    let address = server.address;
    let answer = std::thread::scope(|scope| {
        let stopping = scope.spawn(|| server.stop());
        std::thread::sleep(Duration::from_millis(300));
        assert!(TcpStream::connect(address).is_err(), "nobody else is let in");
        stream.write_all(rest.as_bytes()).expect("sent");
        let answer = all(&mut stream);
        stopping.join().expect("stopped");
        answer
    });
    assert!(answer.starts_with("HTTP/1.1 303") && answer.contains("doudi_visit="), "{answer}");
}

#[test]
fn a_crowd_that_signs_in_does_not_keep_others_from_their_pages() {
    let office = TestOffice::with(Limits { sign_ins: 4, answer: PATIENCE, ..SHORT }, None);
    let worker = office.sign_in("worker", Role::VillageWorker, OWN);
    let server = Server::start(&office);
    let page = format!(
        "GET /leads HTTP/1.1\r\nhost: office\r\ncookie: {}\r\nconnection: close\r\n\r\n",
        worker.cookie
    );
    let answers: Vec<String> = std::thread::scope(|scope| {
        let crowd: Vec<_> = (0..30)
            .map(|at| {
                let (head, form) = sign_in(&format!("nobody{at}"), "wrong-password");
                let server = &server;
                scope.spawn(move || server.ask(&(head + &form)))
            })
            .collect();
        assert!(server.ask(&page).starts_with("HTTP/1.1 200"));
        crowd.into_iter().map(|answer| answer.join().expect("answered")).collect()
    });
    let count = |status: &str| answers.iter().filter(|answer| answer.starts_with(status)).count();
    let (checked, turned_away) = (count("HTTP/1.1 422"), count("HTTP/1.1 503"));
    assert_eq!(checked + turned_away, 30, "{answers:?}");
    assert!(checked >= 4 && turned_away > 0, "{checked} were checked, {turned_away} asked to come again");
}
