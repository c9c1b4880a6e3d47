//! Photos and papers of a lead: brought by a form without scripts, looked at by whoever may see the lead.

use crate::office::{COUNTIES, OTHER, TestOffice};
use axum::http::StatusCode;
use doudi_casework::{MOST_EVIDENCE_BYTES, Role};

/// The smallest photo, of a size.
pub fn photo(kilobytes: usize) -> Vec<u8> {
    let mut bytes =
        b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x0b\x08\x00\x10\x00\x10\x01\x01\x11\x00".to_vec();
    bytes.extend_from_slice(b"\xff\xda\x00\x02");
    bytes.extend(std::iter::repeat_n(0x42, kilobytes * 1_000));
    bytes.extend_from_slice(b"\xff\xd9");
    bytes
}

const PDF: &[u8] = b"%PDF-1.4\ntrailer <<>>\nstartxref\n9\n%%EOF\n";

fn page() -> String {
    format!("/leads/{}", COUNTIES[0].lead(0))
}

#[test]
fn several_photos_and_a_paper_are_brought_at_once_and_come_back_as_they_were() {
    let office = TestOffice::new();
    let worker = office.sign_in("worker", Role::VillageWorker, "500243001201");
    let form = worker.get(&page()).body;
    for part in ["multipart/form-data", "capture=\"environment\"", "multiple", "accept=\"image/*\""] {
        assert!(form.contains(part), "{part}");
    }
    let files: [(&str, &str, &[u8]); 4] = [
        ("evidence", "", b""),
        ("evidence", "入户 1.jpg", &photo(300)),
        ("evidence", "..\\..\\证明<b>.exe", PDF),
        ("evidence", "院子.jpg", &photo(2)),
    ];
    let sent = worker.send(&format!("{}/evidence", page()), &[], &files);
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    let shown = worker.get(&page()).body;
    assert!(
        shown.contains("入户 1.jpg") && shown.contains("JPEG 照片，0.3 MB") && shown.contains("院子.jpg")
    );
    assert!(shown.contains("证明b.exe") && shown.contains("PDF，1 KB"), "{shown}");

    let photo_back = worker.get(&format!("{}/evidence/1", page()));
    assert!(photo_back.bytes == photo(300), "byte for byte");
    for words in ["image/jpeg", "nosniff", "sandbox", "inline; filename", "no-store"] {
        assert!(photo_back.all.contains(words), "{words}");
    }
    let paper = worker.get(&format!("{}/evidence/2", page()));
    assert!(paper.bytes == PDF);
    // A paper is taken away, not opened in a page; its ending is what it is, not what it was called.
    assert!(paper.all.contains("application/pdf") && paper.all.contains("attachment; filename"));
    assert!(paper.all.contains("evidence-2.pdf") && !paper.all.contains("exe\""), "{}", &paper.all[..900]);
    let auditor = office.sign_in("auditor", Role::Auditor, "500243");
    let audit = auditor.get(&format!("/audit?person={}", COUNTIES[0].person(0))).body;
    assert!(audit.contains("上传凭据") && audit.contains("看凭据"), "{audit}");
}

#[test]
fn what_is_no_photo_is_refused_in_a_sentence_and_what_was_typed_stays() {
    let office = TestOffice::new();
    let worker = office.sign_in("worker", Role::VillageWorker, "500243001201");
    let cases: [(&str, &[u8], &str); 5] = [
        ("照片.jpg", b"MZ\x90\0\x03", "Windows 程序"),
        ("照片.jpg", b"<html><script>alert(1)</script>", "网页"),
        ("图.png", b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>", "矢量图"),
        ("半张.jpg", &photo(2)[..1_500], "不完整"),
        ("空的.jpg", b"", "是空的"),
    ];
    let typed = [("version", "1"), ("reason", "见到本人在家"), ("choice", "upload")];
    for (name, bytes, word) in cases {
        let reply = worker.send(&format!("{}/report", page()), &typed, &[("evidence", name, bytes)]);
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        let told = reply.body.split_once("id=\"errors\"").expect("a list of errors").1;
        assert!(told.contains(word) && told.contains(name), "{word}: {told}");
        assert!(reply.body.contains("见到本人在家") && reply.body.contains("还没有。"), "{}", reply.body);
    }
    let large = vec![0x42; MOST_EVIDENCE_BYTES + 1];
    let files: [(&str, &str, &[u8]); 2] = [("evidence", "大.jpg", &large), ("evidence", "小.jpg", &photo(1))];
    let reply = worker.send(&format!("{}/report", page()), &typed, &files);
    assert!(
        reply.body.contains("“大.jpg”超过 15 兆") && reply.body.contains("1 份照片或文件已经传好"),
        "{}",
        reply.body
    );
    let none = worker.send(&format!("{}/report", page()), &typed, &[("evidence", "", b"")]);
    assert!(none.body.contains("还没有选照片或文件"));
    let five: Vec<u8> = vec![0x42; 14 << 20];
    let flood: Vec<(&str, &str, &[u8])> = (0..5).map(|_| ("evidence", "a.jpg", five.as_slice())).collect();
    let reply = worker.send(&format!("{}/evidence", page()), &[], &flood);
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
    assert!(reply.body.contains("请分几次传"), "{}", reply.body);
}

#[test]
fn a_report_and_its_photos_are_sent_in_one_go() {
    let office = TestOffice::new();
    let worker = office.sign_in("worker", Role::VillageWorker, "500243001201");
    let mut fields = vec![
        ("version", "1"),
        ("finding", "属实"),
        ("measure", "停发"),
        ("on", "2020-05-18"),
        ("visitors", "冉某、任某"),
        ("reason", "已去世"),
        ("choice", "report"),
    ];
    let files: [(&str, &str, &[u8]); 1] = [("evidence", "证明.jpg", &photo(5))];
    let unheard = worker.send(&format!("{}/report", page()), &fields, &files);
    assert_eq!(unheard.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        unheard.body.contains("听取") && unheard.body.contains("1 份照片或文件已经传好"),
        "{}",
        unheard.body
    );
    // The photo need not be chosen again.
    fields.extend([("heard_on", "2020-05-18"), ("heard", "家属知道")]);
    let done = worker.send(&format!("{}/report", page()), &fields, &[]);
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let after = worker.get(&page()).body;
    assert!(after.contains("待复核") && after.contains("<dt>凭据</dt><dd>1 份</dd>"), "{after}");
    // While the second person looks at it, more can be brought.
    let more = worker.send(&format!("{}/evidence", page()), &[], &[("evidence", "b.jpg", &photo(1))]);
    assert_eq!(more.status, StatusCode::SEE_OTHER);
    let supervisor = office.sign_in("dudao", Role::Supervisor, "500243");
    let refused = supervisor.send(&format!("{}/evidence", page()), &[], &[("evidence", "c.jpg", &photo(1))]);
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[test]
fn a_photo_brought_by_mistake_is_taken_back_with_a_reason() {
    let office = TestOffice::new();
    let worker = office.sign_in("worker", Role::VillageWorker, "500243001201");
    worker.send(&format!("{}/evidence", page()), &[], &[("evidence", "邻居.jpg", &photo(1))]);
    let path = format!("{}/evidence/1", page());
    assert!(worker.get(&page()).body.contains(&format!("action=\"{path}/withdraw\"")));
    let blank = worker.post(&format!("{path}/withdraw"), "reason=");
    assert_eq!(blank.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        blank.body.contains("href=\"#evidence-list\"") && blank.body.contains("为什么撤回"),
        "{}",
        blank.body
    );
    let next = office.sign_in("next", Role::VillageWorker, "500243001202");
    assert_eq!(next.post(&format!("{path}/withdraw"), "reason=x").status, StatusCode::NOT_FOUND);
    let done = worker.post(&format!("{path}/withdraw"), "reason=%E4%BC%A0%E9%94%99%E4%BA%86%3Cb%3E");
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let shown = worker.get(&page()).body;
    assert!(shown.contains("<del>邻居.jpg</del>") && shown.contains("撤回：传错了&#60;b"), "{shown}");
    assert!(!shown.contains(&format!("href=\"{path}\"")) && !shown.contains(&format!("src=\"{path}\"")));
    assert_eq!(worker.get(&path).status, StatusCode::NOT_FOUND);
    let auditor = office.sign_in("auditor", Role::Auditor, "500243");
    let audit = auditor.get(&format!("/audit?person={}", COUNTIES[0].person(0))).body;
    assert!(audit.contains("撤回凭据"), "{audit}");
}

#[test]
fn a_photo_is_told_to_nobody_who_may_not_see_the_lead() {
    let office = TestOffice::new();
    let worker = office.sign_in("worker", Role::VillageWorker, "500243001201");
    worker.send(&format!("{}/evidence", page()), &[], &[("evidence", "a.jpg", &photo(1))]);
    let path = format!("{}/evidence/1", page());
    for (login, role, place, status) in [
        ("next", Role::VillageWorker, "500243001202", StatusCode::NOT_FOUND),
        ("other", Role::TownshipHead, OTHER, StatusCode::NOT_FOUND),
        ("policy", Role::PolicyOfficer, "500243", StatusCode::FORBIDDEN),
        ("head", Role::TownshipHead, "500243001", StatusCode::OK),
    ] {
        let browser = office.sign_in(login, role, place);
        assert_eq!(browser.get(&path).status, status, "{login}");
        assert_ne!(browser.get(&format!("{}/evidence/2", page())).status, StatusCode::OK);
        assert_ne!(browser.get(&format!("{}/evidence/x", page())).status, StatusCode::OK);
    }
    assert_eq!(office.request(axum::http::Method::GET, &path, "", "").status, StatusCode::SEE_OTHER);
}

#[test]
fn a_stale_report_is_told_with_what_the_other_has_done() {
    let office = TestOffice::new();
    let worker = office.sign_in("worker", Role::VillageWorker, "500243001201");
    let head = office.sign_in("head", Role::TownshipHead, "500243001");
    let form =
        "version=1&finding=%E5%B1%9E%E5%AE%9E&measure=%E7%BB%B4%E6%8C%81&on=2020-05-18&visitors=x&reason=";
    let first = worker.post(&format!("{}/report", page()), &format!("{form}%E5%9C%A8%E5%AE%B6"));
    assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.body);
    let stale = head.post(&format!("{}/report", page()), &format!("{form}%E6%88%91%E5%86%99%E7%9A%84"));
    assert_eq!(stale.status, StatusCode::CONFLICT);
    let told = stale.body.split_once("别人改的是").expect("what changed").1;
    let told = told.split_once("</div>").expect("its end").0;
    assert!(told.contains("worker：报属实（属实，维持）") && !told.contains("摸排发现"), "{told}");
    assert!(stale.body.contains("我写的</textarea>"), "what was typed stays");
}
