//! Data folders whose files lie sealed: nothing of anybody can be read in them, everything works with the key, and nothing
//! does without it.

use crate::clear::{NAMES, Place, answered_in_may, id_number};
use crate::{doudi, stderr, stdout};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

const LOCKED: &str = "数据文件夹里的身份信息是加密的，请用 --key 指明密钥文件";

/// A village of which every identity field is known to the tests, with a key that lies elsewhere.
struct Village {
    place: Place,
    key: String,
}

fn phone(serial: usize) -> String {
    format!("139887711{serial:02}")
}

fn account(serial: usize) -> String {
    format!("62309988776655{serial:05}")
}

const STREET: &str = "滨江路八十八号";
const STRANGER: (&str, usize) = ("覃外来", 55);
const GUARDIAN: &str = "龚监护";

impl Village {
    fn new() -> Village {
        let place = Place::new();
        let mut dibao =
            "序号,低保证号,户主姓名,姓名,身份证号,家庭住址,联系电话,银行账号,区划代码,户月保障金,起始年月,城乡\n"
                .to_owned();
        let mut row = |at: usize, name: &str| {
            let cells = [
                at.to_string(),
                "D1".into(),
                "冉光明".into(),
                name.into(),
                id_number(at),
                STREET.into(),
                phone(at),
                account(at),
            ];
            dibao.push_str(&format!("{},500243001202,1320,2018-01,农村\n", cells.join(",")));
        };
        for (at, name) in NAMES.iter().enumerate().take(3) {
            row(at + 1, name);
        }
        // Nobody of the register: a newcomer.
        row(STRANGER.1, STRANGER.0);
        std::fs::write(place.path("rosters/低保2020-04.csv"), dibao).expect("written");
        let children = format!(
            "儿童姓名,身份证号,困境儿童类型,监护人\n{},{},监护不当,{GUARDIAN}\n",
            NAMES[2],
            id_number(3)
        );
        std::fs::write(place.path("rosters/困境儿童2020-04.csv"), children).expect("written");
        let key = place.text("the.key");
        Village { place, key }
    }

    fn sealed(algorithm: &str) -> Village {
        let village = Village::new();
        let made = doudi(&["key", "create", &village.key, "--algorithm", algorithm]);
        assert_eq!(made.status.code(), Some(0), "{}", stderr(&made));
        village.clear_with_key(&[]);
        village
    }

    fn clear_with_key(&self, more: &[&str]) {
        let done = self.place.clear(&[&["--key", &self.key], more].concat());
        assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    }

    fn data(&self) -> PathBuf {
        self.place.path("data")
    }

    fn certificate(&self) -> String {
        self.place.text("out/certificate.json")
    }

    fn verified(&self, key: &str) {
        let same = doudi(&["verify", &self.certificate(), "--key", key]);
        assert_eq!(same.status.code(), Some(0), "{}{}", stdout(&same), stderr(&same));
    }
}

/// What nobody may read in the folder.
fn secrets() -> Vec<String> {
    let mut secrets: Vec<String> = NAMES.iter().map(|&name| name.to_owned()).collect();
    secrets.extend((1..=12).flat_map(|at| [id_number(at), phone(at), account(at)]));
    secrets.extend([STRANGER.0.to_owned(), id_number(STRANGER.1), phone(STRANGER.1), account(STRANGER.1)]);
    secrets.extend([STREET, GUARDIAN, "冉队长", "张核实", "同一张身份证"].map(str::to_owned));
    secrets
}

fn files(place: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in std::fs::read_dir(place).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else if let Ok(bytes) = std::fs::read(&path) {
            // A file that has gone meanwhile tells nothing.
            found.insert(path, bytes);
        }
    }
}

fn all_files(place: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    files(place, &mut found);
    found
}

/// Every file with something in it that nobody may read: `file: what`. In tables that lie open texts are packed; of those
/// only results that know people by row may be there.
pub(crate) fn told(data: &Path) -> Vec<String> {
    let secrets = secrets();
    let mut told = Vec::new();
    for (path, bytes) in all_files(data) {
        let is_in = |secret: &&String| bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
        told.extend(secrets.iter().find(is_in).map(|secret| format!("{}: {secret}", path.display())));
        let knows_rows =
            ["snapshots", "determinations", "results"].iter().any(|place| path.starts_with(data.join(place)));
        if bytes.starts_with(b"PAR1") && !knows_rows {
            told.push(format!("{}: a table", path.display()));
        }
    }
    told
}

/// May with an answer of the township, and two entries said to be one person by two people.
fn months_and_answers(village: &Village) {
    let answered = answered_in_may(&village.place, "不属实", &["--key", &village.key]);
    assert_eq!(answered.status.code(), Some(0), "{}", stderr(&answered));
    let (data, key) = (village.place.text("data"), village.key.as_str());
    let same = ["--on", "2020-05-20", "--data", &data, "--key", key];
    let merge = ["person", "merge", "1", "2", "--by", "张核实", "--reason", "同一张身份证"];
    let proposed = doudi(&[&merge[..], &same].concat());
    assert_eq!(proposed.status.code(), Some(0), "{}", stderr(&proposed));
}

#[test]
fn no_file_of_a_sealed_folder_tells_of_anybody_and_everything_works_with_the_key() {
    let village = Village::sealed("aes-256-gcm");
    assert_eq!(told(&village.data()), Vec::<String>::new());
    months_and_answers(&village);
    assert_eq!(told(&village.data()), Vec::<String>::new());
    village.verified(&village.key);
    let (data, key) = (village.place.text("data"), village.key.as_str());
    let found = doudi(&["lookup", STRANGER.0, "--data", &data, "--key", key]);
    assert_eq!(found.status.code(), Some(0), "{}", stderr(&found));
    let list = doudi(&["person", "list", "--data", &data, "--key", key]);
    assert!(stdout(&list).contains("张核实"), "{}", stdout(&list));
    let simulated = doudi(&[
        "policy",
        "simulate",
        "--set",
        "低保标准[500243,农村]=9999元",
        "--data",
        &data,
        "--key",
        key,
    ]);
    assert_eq!(simulated.status.code(), Some(0), "{}", stderr(&simulated));
    // The same rosters in a folder that lies open come to the same.
    let open = Village::new();
    assert_eq!(open.place.clear(&[]).status.code(), Some(0));
    for file in ["certificate.json", "persons.csv", "leads.csv"] {
        let read = |village: &Village| std::fs::read(village.place.path("out").join(file)).expect("a result");
        assert!(read(&open) == read(&village), "{file}");
    }
    assert!(told(&open.data()).len() > 5, "the test can see: {:?}", told(&open.data()));
}

#[test]
fn without_the_key_every_command_says_one_sentence_and_changes_nothing() {
    let village = Village::sealed("aes-256-gcm");
    let (data, out, rosters) =
        (village.place.text("data"), village.place.text("again"), village.place.text("rosters"));
    let other = village.place.text("other.key");
    assert_eq!(doudi(&["key", "create", &other]).status.code(), Some(0));
    let before = all_files(&village.data());
    let certificate = village.certificate();
    let clear = ["clear", "--region", "500243", "--month", "2020-04", "--rosters", &rosters, "--out", &out];
    let person = ["--by", "甲", "--on", "2020-05-20"];
    let commands: [&[&str]; 9] = [
        &clear,
        &["verify", &certificate],
        &["lookup", "冉光明"],
        &["person", "list"],
        &[&["person", "confirm", "Q1"], &person[..]].concat(),
        &["roster", "import", &rosters],
        &["roster", "import", "--list"],
        &["roster", "import", "--undo"],
        &["policy", "simulate", "--set", "低保标准[500243,农村]=9999元"],
    ];
    for command in commands {
        let refused = doudi(&[command, &["--data", &data]].concat());
        assert_eq!((refused.status.code(), stderr(&refused).trim()), (Some(3), LOCKED), "{command:?}");
        let refused = doudi(&[command, &["--data", &data, "--key", &other]].concat());
        assert_eq!(refused.status.code(), Some(3), "{command:?}");
        assert!(stderr(&refused).contains("不是当时加密用的"), "{}", stderr(&refused));
        assert!(all_files(&village.data()) == before, "{command:?} has changed something");
    }
    assert!(!Path::new(&out).exists());
}

#[test]
fn at_no_moment_of_a_clearing_and_after_no_crash_does_a_file_tell_of_anybody() {
    let village = Village::sealed("aes-256-gcm");
    let binary = env!("CARGO_BIN_EXE_doudi");
    for round in 0..6 {
        // A run that was killed early has made none.
        let _ = std::fs::remove_dir_all(village.data());
        let (rosters, data, out) =
            (village.place.text("rosters"), village.place.text("data"), village.place.text("out"));
        let mut command = Command::new(binary);
        command.args(["clear", "--region", "500243", "--month", "2020-04", "--memory", "1G"]);
        command.args(["--rosters", &rosters, "--data", &data, "--out", &out, "--key", &village.key]);
        let mut child =
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program runs");
        let mut moments = 0;
        while child.try_wait().expect("a child").is_none() {
            assert_eq!(told(&village.data()), Vec::<String>::new(), "moment {moments} of round {round}");
            moments += 1;
            if round > 0 && moments == round * 4 {
                child.kill().expect("killed");
            }
        }
        assert_eq!(told(&village.data()), Vec::<String>::new(), "after round {round}");
    }
    village.clear_with_key(&[]);
    village.verified(&village.key);
}

#[test]
fn an_old_folder_is_sealed_later_though_the_plug_is_pulled_and_its_certificates_still_hold() {
    let village = Village::new();
    assert_eq!(village.place.clear(&[]).status.code(), Some(0));
    let data = village.place.text("data");
    assert_eq!(doudi(&["key", "create", &village.key]).status.code(), Some(0));
    village.verified(&village.key);
    assert!(!told(&village.data()).is_empty(), "a key alone seals nothing");
    let seal = ["key", "seal-data", "--data", &data, "--key", &village.key];
    for delay in 0..6 {
        let mut command = Command::new(env!("CARGO_BIN_EXE_doudi"));
        let child = command.args(seal).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let mut child = child.expect("the program runs");
        std::thread::sleep(Duration::from_millis(delay * 4));
        let _ = child.kill();
        let _ = child.wait();
        // Half sealed or not, with the key it is the same folder.
        village.verified(&village.key);
    }
    let done = doudi(&seal);
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    assert_eq!(told(&village.data()), Vec::<String>::new());
    village.verified(&village.key);
    village.clear_with_key(&[]);
    assert_eq!(doudi(&["verify", &village.certificate()]).status.code(), Some(3));
}

#[test]
fn a_new_key_takes_the_data_folder_along_and_may_be_of_another_algorithm() {
    let village = Village::sealed("sm4-gcm");
    months_and_answers(&village);
    assert_eq!(told(&village.data()), Vec::<String>::new());
    let data = village.place.text("data");
    let rotate = ["key", "rotate", "--data", &data, "--key", &village.key, "--algorithm", "aes-256-gcm"];
    let turned = doudi(&[&rotate[..], &["--json"]].concat());
    assert_eq!(turned.status.code(), Some(0), "{}", stderr(&turned));
    let answer: serde_json::Value = serde_json::from_str(&stdout(&turned)).expect("JSON");
    assert!(answer["data_files"]["files"].as_u64() > Some(8), "{answer}");
    assert_eq!(answer["data_files"]["left"], 0);
    village.verified(&village.key);
    // Nothing needs the first key any more.
    let text = std::fs::read_to_string(&village.key).expect("the keys");
    let second = text.lines().filter(|line| !line.starts_with("1 ")).collect::<Vec<_>>().join("\n");
    let only = village.place.text("second.key");
    std::fs::copy(&village.key, &only).expect("copied with its mode");
    std::fs::write(&only, second).expect("written");
    village.verified(&only);
    assert_eq!(told(&village.data()), Vec::<String>::new());
}

#[test]
fn a_changed_file_is_refused_with_its_place_and_what_to_do() {
    let village = Village::sealed("aes-256-gcm");
    let identity = all_files(&village.place.path("data/identity/dibao"));
    let (path, bytes) = identity.into_iter().next().expect("a sealed roster");
    for at in [10, 40, bytes.len() / 2, bytes.len() - 1] {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        std::fs::write(&path, changed).expect("written");
        let refused = doudi(&["verify", &village.certificate(), "--key", &village.key]);
        let why = stdout(&refused) + &stderr(&refused);
        assert_ne!(refused.status.code(), Some(0), "byte {at}: {why}");
        assert!(
            why.contains("identity/dibao") || why.contains("号密钥") || why.contains("算法"),
            "{at}: {why}"
        );
    }
    std::fs::write(&path, &bytes[..bytes.len() - 20]).expect("written");
    let refused = doudi(&["verify", &village.certificate(), "--key", &village.key]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(stdout(&refused).contains("第 1 块") && stdout(&refused).contains("请从备份恢复"));
    std::fs::write(&path, &bytes).expect("written");
    village.verified(&village.key);
}

#[test]
fn a_key_comes_before_its_data_folder_and_is_never_written_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let key = folder.path().join("数据/里面/doudi.keys");
    let create = || doudi(&["key", "create", &key.to_string_lossy()]);
    let made = create();
    assert_eq!(made.status.code(), Some(0), "{}", stderr(&made));
    let text = std::fs::read(&key).expect("a key");
    let again = create();
    assert_eq!(again.status.code(), Some(3), "{}", stderr(&again));
    assert!(stderr(&again).contains("已经有密钥文件") && stderr(&again).contains("doudi key rotate"));
    assert_eq!(std::fs::read(&key).expect("a key"), text);
}
