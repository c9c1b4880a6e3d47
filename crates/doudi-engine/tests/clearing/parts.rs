//! However many parts a region is cleared in, the results are the same.

use crate::county::{Row, World, dibao_rows, first_month, id_number, people};
use doudi_engine::{Cleared, EngineError, PersonFile, Proposal, Subject, close_proposal, propose};

/// Two months with everything that crosses the borders of parts: an account that people of different places share, somebody
/// listed twice, rows that fit nobody's household, contradictions, and people whom only a roster knows.
fn two_months(persons_per_part: Option<usize>, memory: Option<u64>) -> [(Cleared, String); 2] {
    let mut world = World::new();
    (world.persons_per_part, world.memory) = (persons_per_part, memory);
    let first = first_month(&mut world, "2020-04");
    let mut rows = dibao_rows(&first, 0..30);
    rows.extend(dibao_rows(&first, 480..500));
    for (at, row) in rows.iter_mut().enumerate() {
        row.extend([format!("62170000{:04}", at / 3 % 12), "500243001201".to_owned()]);
    }
    let again = rows[3].clone();
    rows.push(again);
    rows.push(["", "钟梅", &id_number(900), "621700000001", "500243001201"].map(str::to_owned).to_vec());
    // Scattered over the file, as no register is.
    rows.sort_by_key(|row| row[2].bytes().rev().collect::<Vec<u8>>());
    world.import("dibao", "2020-04", &rows);
    let named = |serial: usize, class: &str| {
        let (person, place) = (&people()[serial], ["农村", "城镇", "未知"][serial % 3]);
        vec![person.name.clone(), person.id.clone(), class.to_owned(), place.to_owned()]
    };
    let disabled: Vec<Row> = (0..500).rev().flat_map(|n| [named(n, "一级"), named(n, "三级")]).collect();
    world.import("disabled", "2020-04", &disabled);
    let april = with_text(world.clear("2020-04"));
    one_person(&world, ["5", "6"]);
    first_month(&mut world, "2020-05");
    let may = with_text(world.clear("2020-05"));
    assert_eq!(world.difference(&may.0.certificate), None);
    [april, may]
}

/// Two people say that two entries of the register are one person, who is the first.
fn one_person(world: &World, entries: [&str; 2]) {
    let mut log = PersonFile::of(&world.folder);
    let (subjects, on) = (entries.map(|entry| Subject::Person(entry.to_owned())), "2020-05-06".to_owned());
    let (by, reason) = ("冉队长".to_owned(), "入户看过".to_owned());
    let proposal = Proposal { same: true, subjects, by, on, reason, evidence: String::new() };
    let question = propose(&mut log, proposal).expect("proposed");
    close_proposal(&mut log, &question, "钟主任", "2020-05-07", true).expect("confirmed");
}

/// With everything that it gives away: long lists are files only until the next month is imported.
fn with_text(cleared: Cleared) -> (Cleared, String) {
    let text = format!("{cleared:#?}");
    (cleared, text)
}

#[test]
fn a_region_cleared_in_many_parts_has_the_results_of_one() {
    let whole = two_months(None, None);
    let april = &whole[0].0;
    assert!(april.leads.len() > 20, "{}", april.leads.len());
    assert!(april.certificate.contradictions > 0 && !april.problems.is_empty());
    assert_eq!(april.certificate.register.new_persons, 1);
    let may = &whole[1].0;
    let closed: Vec<&str> = may.closed_leads.iter().map(|lead| lead.name.as_str()).collect();
    let nameless = closed.iter().filter(|name| name.is_empty()).count();
    assert_eq!((closed.len() > 20, nameless), (true, 1), "only whoever May knows nothing of: {closed:?}");
    assert!(
        may.closed_leads.iter().any(|lead| lead.person_id == "6"),
        "somebody who is somebody else by now"
    );
    assert_eq!(may.certificate.register.persons + 2, april.certificate.register.persons);
    // With a limit, facts wait in files and the register is read twice.
    for (persons, memory) in [(8, Some(1 << 40)), (37, None), (250, Some(1 << 30))] {
        let parts = two_months(Some(persons), memory);
        for (parts, whole) in parts.iter().zip(&whole) {
            assert_eq!(parts.0.certificate, whole.0.certificate, "{persons}");
            assert!(parts.1 == whole.1, "{persons}: {}", first_line(&parts.1, &whole.1));
        }
    }
}

#[test]
fn a_limit_that_cannot_be_kept_is_refused_with_what_is_needed_and_nothing_is_changed() {
    let mut world = World::new();
    first_month(&mut world, "2020-04");
    world.memory = Some(100 << 20);
    let Err(EngineError::BadInput(why)) = world.clear_in("500243", "2020-04") else { panic!("cleared") };
    assert!(why.contains("--memory 给的 100 MB 不够：500 人的底册"), "{why}");
    let made = ["clearings", "identity/links"].map(|place| world.folder.root().join(place).exists());
    assert_eq!(made, [false, false]);
    world.memory = Some(1 << 30);
    assert!(world.clear_in("500243", "2020-04").is_ok());
    let left = std::fs::read_dir(world.folder.root().join("incoming")).map_or(0, Iterator::count);
    assert_eq!(left, 0, "facts that waited in files are gone");
}

fn first_line(one: &str, other: &str) -> String {
    let differing = one.lines().zip(other.lines()).find(|(one, other)| one != other);
    format!("{differing:?}")
}
