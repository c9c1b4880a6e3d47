//! What townships find out lands on leads, and no run undoes it.

use crate::county::{Invented, Row, World, dibao_rows, first_month};
use doudi_engine::{Cleared, Lead, LeadEventKind, LeadFile, LeadLog};

/// Person 5 has died and is on the roster, month after month.
fn april(world: &mut World) -> (Vec<Invented>, Lead) {
    let people = first_month(world, "2020-04");
    let cleared = world.clear("2020-04");
    assert_eq!(cleared.leads.len(), 1);
    assert_eq!(cleared.leads[0].status(), "新发现");
    (people, cleared.leads[0].clone())
}

/// A month in which the dead person is, or is not, on the roster.
fn month(world: &mut World, people: &[Invented], month: &str, dead_on_roster: bool) -> Cleared {
    let mut rows = dibao_rows(people, 0..30);
    if !dead_on_roster {
        rows.remove(4);
    }
    world.import("dibao", month, &rows);
    world.clear(month)
}

fn answer(lead: &Lead, outcome: &str) -> Row {
    let text = [&lead.name, &lead.id_number, &lead.lead_id, outcome, "冉队长", "2020-05-10"];
    text.map(str::to_owned).to_vec()
}

fn kinds(world: &World) -> Vec<(LeadEventKind, String)> {
    let events = LeadFile::of(&world.folder).events().expect("events");
    events.into_iter().map(|event| (event.kind, event.month)).collect()
}

fn closed_reasons(cleared: &Cleared) -> Vec<&str> {
    cleared.closed_leads.iter().map(|lead| lead.reason.as_str()).collect()
}

#[test]
fn an_unfounded_lead_is_closed_and_no_run_opens_it_again_while_its_cause_lasts() {
    let mut world = World::new();
    let (people, lead) = april(&mut world);
    world.import("findings", "2020-05", &[answer(&lead, "不属实")]);
    let may = month(&mut world, &people, "2020-05", true);
    assert_eq!(may.leads, []);
    assert_eq!(closed_reasons(&may), ["核查结果：不属实（冉队长，2020-05-10）"]);
    let csv = String::from_utf8(may.closed_leads_csv.clone()).expect("text");
    assert!(
        csv.contains(&format!("{},死亡仍在册,5,{},{}", lead.lead_id, lead.name, lead.id_number)),
        "{csv}"
    );
    assert!(csv.contains(",500243002201,2020-04,核查结果"), "{csv}");
    assert_eq!(world.difference(&may.certificate), None);
    assert!(may.certificate.inputs.iter().any(|input| input.roster == "findings"));
    assert!(!may.certificate.roster_rows.contains_key("findings"));
    for later in ["2020-06", "2020-07"] {
        let cleared = month(&mut world, &people, later, true);
        assert_eq!((cleared.leads.len(), cleared.closed_leads.len()), (0, 0), "{later}");
    }
    // The cause goes away, and comes back: a new lead, which the old answer does not concern.
    let gone = month(&mut world, &people, "2020-08", false);
    assert_eq!((gone.leads.len(), gone.closed), (0, 0));
    let again = month(&mut world, &people, "2020-09", true);
    assert_eq!(again.leads.len(), 1);
    assert_eq!((again.leads[0].lead_id.as_str(), again.leads[0].status()), (lead.lead_id.as_str(), "新发现"));
    use LeadEventKind::{Answered, Dismissed, Lapsed, Opened};
    let said = kinds(&world);
    let said: Vec<(LeadEventKind, &str)> = said.iter().map(|(kind, month)| (*kind, month.as_str())).collect();
    assert_eq!(
        said,
        [
            (Opened, "2020-04"),
            (Answered, "2020-05"),
            (Dismissed, "2020-05"),
            (Lapsed, "2020-08"),
            (Opened, "2020-09")
        ]
    );
}

#[test]
fn a_true_lead_stays_open_until_its_cause_is_gone() {
    let mut world = World::new();
    let (people, lead) = april(&mut world);
    world.import("findings", "2020-05", &[answer(&lead, "属实")]);
    let may = month(&mut world, &people, "2020-05", true);
    assert_eq!((may.leads.len(), may.opened, may.closed), (1, 0, 0));
    assert_eq!(may.leads[0].status(), "已核实待整改");
    let csv = String::from_utf8(may.leads_csv.clone()).expect("text");
    assert!(
        csv.contains(",open_since,since,status,outcome,answered_by,answered_on,verify,close,article\n"),
        "{csv}"
    );
    assert!(
        csv.contains(",2020-04,2020-04,已核实待整改,属实,冉队长,2020-05-10,,,测试办法 第二条\n"),
        "{csv}"
    );
    let june = month(&mut world, &people, "2020-06", false);
    assert_eq!(
        closed_reasons(&june),
        ["2020-06 比对，“死亡仍在册”的情形已不存在（核查结果：属实（冉队长，2020-05-10））"]
    );
    assert_eq!(
        june.certificate.lead_counts.map(|leads| (leads.before, leads.closed, leads.open)),
        Some((1, 1, 0))
    );
    assert_eq!(world.difference(&june.certificate), None);
}

#[test]
fn the_same_handout_again_changes_nothing() {
    let mut world = World::new();
    let (people, lead) = april(&mut world);
    world.import("findings", "2020-05", &[answer(&lead, "部分属实")]);
    let first = month(&mut world, &people, "2020-05", true);
    let said = kinds(&world);
    world.import("findings", "2020-05", &[answer(&lead, "部分属实")]);
    let again = month(&mut world, &people, "2020-05", true);
    assert_eq!(kinds(&world), said);
    assert_eq!(first.certificate, again.certificate);
    // Nor does it matter that later months read it again.
    month(&mut world, &people, "2020-06", true);
    assert_eq!(kinds(&world), said);
}

#[test]
fn an_answer_is_corrected_by_a_later_one() {
    let mut world = World::new();
    let (people, lead) = april(&mut world);
    world.import("findings", "2020-05", &[answer(&lead, "数据错误")]);
    assert_eq!(month(&mut world, &people, "2020-05", true).leads, []);
    world.import("findings", "2020-06", &[answer(&lead, "属实")]);
    let june = month(&mut world, &people, "2020-06", true);
    assert_eq!(june.leads.len(), 1);
    assert_eq!((june.leads[0].since.as_deref(), june.opened), (Some("2020-04"), 1));
    let counts = &june.checks["死亡仍在册"];
    assert_eq!((counts.answered, counts.found_true, counts.data_error), (1, 1, 0));
    assert_eq!(month(&mut world, &people, "2020-07", true).leads.len(), 1, "the correction lasts");
    // Within a month too: the file that counts now is asked, whichever came first.
    for (outcome, open) in [("不属实", 0), ("属实", 1), ("不属实", 0)] {
        world.import("findings", "2020-08", &[answer(&lead, outcome)]);
        let august = month(&mut world, &people, "2020-08", true);
        assert_eq!(august.leads.len(), open, "{outcome}");
        assert_eq!(world.difference(&august.certificate), None);
    }
}

#[test]
fn of_two_handouts_of_a_month_the_later_day_counts_and_else_the_one_that_came_last() {
    let mut world = World::new();
    let (people, lead) = april(&mut world);
    let on = |outcome: &str, day: &str| {
        let mut row = answer(&lead, outcome);
        row[5] = day.into();
        vec![row]
    };
    let (first, second) = (on("属实", ""), on("不属实", ""));
    world.import_files("findings", "2020-05", &[&first]);
    assert_eq!(month(&mut world, &people, "2020-05", true).leads.len(), 1);
    // Whatever their order on disk.
    for files in [[&second, &first], [&first, &second]] {
        world.import_files("findings", "2020-05", &[files[0], files[1]]);
        let may = month(&mut world, &people, "2020-05", true);
        assert_eq!((may.leads.len(), may.answers.answered, may.answers.repeated), (0, 1, 1));
    }
    let said = kinds(&world);
    let (early, late) = (on("不属实", "2020-06-01"), on("属实", "2020-06-20"));
    for files in [[&early, &late], [&late, &early]] {
        world.import_files("findings", "2020-06", &[files[0], files[1]]);
        assert_eq!(month(&mut world, &people, "2020-06", true).leads.len(), 1);
    }
    assert_eq!(kinds(&world).len(), said.len() + 2, "one answer and one reopening");
}

#[test]
fn an_answer_stays_when_the_next_run_is_given_other_townships_handouts_only() {
    let mut world = World::new();
    let people = first_month(&mut world, "2020-04");
    let dead: Vec<Row> =
        people[3..5].iter().map(|p| vec![p.name.clone(), p.id.clone(), "2020-01-15".into()]).collect();
    world.import("deaths", "2020-04", &dead);
    let leads = world.clear("2020-04").leads;
    world.import("findings", "2020-05", &[answer(&leads[0], "不属实")]);
    let first = month(&mut world, &people, "2020-05", true);
    assert_eq!(first.leads.len(), 1);
    world.import("findings", "2020-05", &[answer(&leads[1], "不属实")]);
    let second = month(&mut world, &people, "2020-05", true);
    assert_eq!((second.leads.len(), second.closed), (0, 2));
    assert_eq!(world.difference(&second.certificate), None);
}

#[test]
fn a_lead_that_cannot_be_decided_any_more_stays_as_people_left_it() {
    let mut world = World::new();
    let people = first_month(&mut world, "2020-04");
    let dead: Vec<Row> =
        people[3..5].iter().map(|p| vec![p.name.clone(), p.id.clone(), "2020-01-15".into()]).collect();
    world.import("deaths", "2020-04", &dead);
    let leads = world.clear("2020-04").leads;
    world.import("findings", "2020-05", &[answer(&leads[0], "不属实")]);
    month(&mut world, &people, "2020-05", true);
    // Without the roster nobody knows whether they are still on it: one lead stays open, the other dismissed.
    world.import("incomes", "2020-06", &[]);
    let june = world.clear("2020-06");
    assert_eq!((june.leads.len(), june.closed), (1, 0));
    assert_eq!((june.leads[0].person_id.as_str(), june.leads[0].status()), ("5", "持续"));
    let july = month(&mut world, &people, "2020-07", true);
    assert_eq!((july.leads.len(), july.opened, july.closed), (1, 0, 0));
}

#[test]
fn a_month_that_is_cleared_again_with_its_answers_closes_what_it_opened() {
    let mut world = World::new();
    let (people, lead) = april(&mut world);
    world.import("findings", "2020-04", &[answer(&lead, "不属实")]);
    let again = world.clear("2020-04");
    assert_eq!((again.leads.len(), again.opened, again.closed), (0, 1, 1));
    assert_eq!(world.difference(&again.certificate), None);
    assert_eq!(month(&mut world, &people, "2020-05", true).leads, []);
}

#[test]
fn answers_that_cannot_be_used_are_problems_with_their_place() {
    let mut world = World::new();
    let (people, lead) = april(&mut world);
    let other = &people[200];
    let mut unknown = answer(&lead, "属实");
    unknown[2] = "0123456789abcdef".into();
    let mut shifted = answer(&lead, "属实");
    (shifted[0], shifted[1]) = (other.name.clone(), other.id.clone());
    let mut no_number = answer(&lead, "属实");
    no_number[2] = String::new();
    let rows = [
        answer(&lead, ""),
        answer(&lead, "属实"),
        answer(&lead, "不属实"),
        unknown,
        shifted,
        no_number,
        answer(&lead, "看过"),
    ];
    world.import("findings", "2020-05", &rows);
    let may = month(&mut world, &people, "2020-05", true);
    assert_eq!((may.leads.len(), may.leads[0].answer.clone()), (1, None));
    let found: Vec<(Option<u32>, &str)> = may
        .problems
        .iter()
        .filter(|problem| problem.place.file == "findings.csv")
        .map(|problem| (problem.place.row, problem.what.as_str()))
        .collect();
    for (row, word) in [
        (3, "两种不同的核查结果"),
        (4, "两种不同的核查结果"),
        (5, "没有编号为“0123456789abcdef”的疑点"),
        (6, "说的不是这一行的人"),
        (7, "没有疑点编号"),
        (8, "核查结果“看过”不是能用的写法"),
    ] {
        assert!(
            found.iter().any(|(at, what)| *at == Some(row) && what.contains(word)),
            "{row} {word}: {found:?}"
        );
    }
    assert_eq!(
        (may.answers.rows, may.answers.blank, may.answers.refused, may.answers.answered),
        (7, 1, 6, 0)
    );
    assert!(kinds(&world).iter().all(|(kind, _)| *kind != LeadEventKind::Answered));
}

#[test]
fn an_answer_about_a_household_counts_for_the_member_who_carries_it() {
    let mut world = World::new();
    let people = first_month(&mut world, "2020-04");
    let incomes: Vec<Row> =
        people[..3].iter().map(|p| vec![p.name.clone(), p.id.clone(), "250000".into()]).collect();
    world.import("incomes", "2020-04", &incomes);
    let cleared = world.clear("2020-04");
    let rich: Vec<&Lead> = cleared.leads.iter().filter(|lead| lead.check == "低保户收入过高").collect();
    assert_eq!(rich.len(), 3);
    world.import("findings", "2020-04", &[answer(rich[1], "不属实")]);
    let again = world.clear("2020-04");
    let left: Vec<&str> = again
        .leads
        .iter()
        .filter(|lead| lead.check == "低保户收入过高")
        .map(|lead| lead.person_id.as_str())
        .collect();
    assert_eq!(left, ["1", "3"]);
}

#[test]
fn a_check_is_as_good_as_its_answers() {
    let mut world = World::new();
    let people = first_month(&mut world, "2020-04");
    let dead: Vec<Row> =
        people[..6].iter().map(|p| vec![p.name.clone(), p.id.clone(), "2020-01-15".into()]).collect();
    world.import("deaths", "2020-04", &dead);
    let cleared = world.clear("2020-04");
    assert_eq!(cleared.leads.len(), 6);
    let outcomes = ["属实", "属实", "部分属实", "不属实", "数据错误", ""];
    let rows: Vec<Row> = cleared.leads.iter().zip(outcomes).map(|(lead, word)| answer(lead, word)).collect();
    world.import("findings", "2020-05", &rows);
    let may = month(&mut world, &people, "2020-05", true);
    let counts = &may.checks["死亡仍在册"];
    assert_eq!((counts.open, counts.opened, counts.closed), (4, 0, 2));
    assert_eq!((counts.answered, counts.found_true, counts.found_partly), (5, 2, 1));
    assert_eq!((counts.found_false, counts.data_error, counts.severity.as_str()), (1, 1, "红"));
    assert_eq!(counts.precision(), Some((3, 4)));
    let june = month(&mut world, &people, "2020-06", true);
    assert_eq!(june.checks["死亡仍在册"].precision(), Some((3, 4)), "learnt, not forgotten");
}

/// Person 5 lives in the second township.
const TOWNSHIP: &str = "500243002";
const OTHER: &str = "500243001";

fn opened(world: &World) -> usize {
    kinds(world).iter().filter(|(kind, _)| *kind == LeadEventKind::Opened).count()
}

#[test]
fn a_lead_is_opened_once_whether_the_township_or_the_county_is_cleared_first() {
    for order in [[TOWNSHIP, "500243"], ["500243", TOWNSHIP]] {
        let mut world = World::new();
        let people = first_month(&mut world, "2020-04");
        for region in order {
            let cleared = world.clear_in(region, "2020-04").expect("cleared");
            assert_eq!(cleared.leads.len(), 1, "{order:?}");
        }
        assert_eq!(opened(&world), 1, "{order:?}");
        world.clear_in(order[0], "2020-04").expect("a rerun");
        world.clear_in(OTHER, "2020-04").expect("the neighbour");
        assert_eq!(kinds(&world).len(), 1, "a rerun and a neighbour change nothing: {order:?}");
        let mut rows = dibao_rows(&people, 0..30);
        world.import("dibao", "2020-05", &rows);
        for region in [OTHER, order[1], order[0]] {
            let cleared = world.clear_in(region, "2020-05").expect("cleared");
            let since: Vec<_> = cleared.leads.iter().map(|lead| lead.since.as_deref()).collect();
            assert_eq!(since, if region == OTHER { vec![] } else { vec![Some("2020-04")] });
        }
        assert_eq!(opened(&world), 1, "{order:?}");
        rows.remove(4);
        world.import("dibao", "2020-06", &rows);
        let closed = order.map(|region| world.clear_in(region, "2020-06").expect("cleared").closed);
        assert_eq!(closed, [1, 1]);
        let ends = kinds(&world).iter().filter(|(kind, _)| *kind == LeadEventKind::Closed).count();
        assert_eq!(ends, 1, "{order:?}");
    }
}

#[test]
fn an_answer_about_another_region_is_refused_there_and_counts_at_home() {
    let mut world = World::new();
    let people = first_month(&mut world, "2020-04");
    let lead = world.clear_in("500243", "2020-04").expect("cleared").leads[0].clone();
    world.import("findings", "2020-05", &[answer(&lead, "不属实")]);
    world.import("dibao", "2020-05", &dibao_rows(&people, 0..30));
    let neighbour = world.clear_in(OTHER, "2020-05").expect("cleared");
    assert!(neighbour.problems.iter().any(|problem| problem.what.contains("不是本次摸排的地区的")));
    assert_eq!(neighbour.answers.refused, 1);
    assert_eq!(world.clear_in(TOWNSHIP, "2020-05").expect("cleared").leads, []);
    assert_eq!(world.clear_in("500243", "2020-05").expect("cleared").leads, []);
}
