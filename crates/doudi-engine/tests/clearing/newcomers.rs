//! People whom the register does not know, and a roster writes down twice.

use crate::county::{Row, World, id_number, people, register_rows};
use crate::phones::world_with_phones;
use doudi_engine::{
    Cleared, PersonFile, PersonLog, Proposal, Subject, close_proposal, latest_doubles, person_standings,
    propose,
};

const PLACE: &str = "500243001201";

/// The same day of birth in both numbers; neither is in the register.
fn numbers() -> [String; 2] {
    [id_number(777), id_number(777 + 420)]
}

fn newcomer(number: &str) -> Row {
    ["D9", "欧阳远来", number, "", PLACE, "13900000007"].map(str::to_owned).to_vec()
}

fn month(world: &mut World, month: &str, numbers: &[&str]) -> Cleared {
    let people = people();
    world.import("register", month, &register_rows(&people));
    let mut rows: Vec<Row> = (people[..30].iter())
        .map(|p| vec![format!("D{}", p.household), p.name.clone(), p.id.clone()])
        .collect();
    rows.extend(numbers.iter().map(|number| newcomer(number)));
    world.import("dibao", month, &rows);
    let cleared = world.clear(month);
    assert_eq!(world.difference(&cleared.certificate), None);
    cleared
}

/// The people whom only rosters know.
fn newcomers(cleared: &Cleared) -> Vec<String> {
    let text = String::from_utf8(cleared.persons_csv.bytes().expect("a list").into_owned()).expect("text");
    let ids = text.lines().filter_map(|line| line.split(',').next());
    ids.filter(|id| id.starts_with('N')).map(str::to_owned).collect()
}

#[test]
fn a_newcomer_written_down_twice_is_proposed_and_is_one_person_once_two_people_have_said_so() {
    let numbers = numbers();
    let [first, second] = numbers.each_ref().map(String::as_str);
    let mut world = world_with_phones(&[]);
    let april = month(&mut world, "2020-04", &[first, second]);
    assert_eq!((april.certificate.register.new_persons, newcomers(&april).len()), (2, 2));
    let [double] = &april.doubles[..] else { panic!("one pair: {:?}", april.doubles) };
    let mut entries: Vec<&str> = double.entries.iter().map(|entry| entry.id_number.as_str()).collect();
    entries.sort_unstable();
    assert_eq!(entries, [second, first].map(String::from));
    assert!(
        double.evidence.contains("姓名相同") && double.evidence.contains("电话相同"),
        "{}",
        double.evidence
    );
    assert_eq!(latest_doubles(&world.folder).expect("doubles").len(), 1);

    // What one has proposed decides nothing, and is proposed again.
    let kept = double.entries[0].person_id.clone();
    let proposal = Proposal {
        same: true,
        subjects: double.entries.clone().map(|entry| Subject::Person(entry.person_id)),
        by: "冉队长".into(),
        on: "2020-05-06".into(),
        reason: "入户看过".into(),
        evidence: double.evidence.clone(),
    };
    let mut log = PersonFile::of(&world.folder);
    let question = propose(&mut log, proposal).expect("proposed");
    let may = month(&mut world, "2020-05", &[first, second]);
    assert_eq!((newcomers(&may).len(), may.doubles.len()), (2, 1));
    assert!(
        close_proposal(&mut log, &question, "冉队长", "2020-05-07", true).is_err(),
        "nobody confirms alone"
    );
    close_proposal(&mut log, &question, "钟主任", "2020-05-07", true).expect("confirmed");
    assert!(person_standings(&log.events().expect("events"))[question.as_str()].decided.is_some());

    let june = month(&mut world, "2020-06", &[first, second]);
    assert_eq!(newcomers(&june), [kept.as_str()]);
    assert_eq!(june.certificate.register.new_persons, 1);
    assert_eq!(june.doubles, []);
    let rows = june.certificate.roster_rows["dibao"];
    assert_eq!((rows.total, rows.new_persons + rows.linked, rows.duplicates), (32, 31, 1), "{rows:?}");
    // Whichever way the roster writes them down from now on.
    for (later, number) in [("2020-07", second), ("2020-08", first)] {
        assert_eq!(newcomers(&month(&mut world, later, &[number])), [kept.as_str()], "{later}");
    }
}
