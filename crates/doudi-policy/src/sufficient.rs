//! What else would have refused: of a rule that says no, the clauses behind the one that decided that each alone would
//! have brought the same no. People are told all of it at once, so that nobody mends one thing and is refused again.

use crate::eval::Evaluation;
use crate::ir::{Body, Expr, ExprKind, RuleId};
use crate::value::Value;

/// A clause that would refuse by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusing {
    /// By its number in the definition.
    Clause(usize),
    /// 否则
    Otherwise,
}

/// The clauses behind the one that decided, in their order. Empty where the rule does not say no, where an exception
/// said it, and from where something is not known that could have granted.
pub(crate) fn further_refusals(evaluation: &mut Evaluation<'_>, rule: RuleId, row: u32) -> Vec<Refusing> {
    let library = evaluation.program.library;
    if evaluation.rule(rule, row).as_yes_no() != Some(false) {
        return Vec::new();
    }
    let Some(fired) = evaluation.fired(rule, row).cloned() else { return Vec::new() };
    let decided = fired.clause.map(usize::from).filter(|_| fired.exceptions.is_empty());
    let (Some(decided), Some(def)) = (decided, fired.base.and_then(|id| library.def(id))) else {
        return Vec::new();
    };
    let Body::Clauses { clauses, otherwise } = &def.body else { return Vec::new() };
    let entity = library.rules[rule.index()].entity;
    // A formula that answered no would answer no to whoever comes that far: nothing behind it counts.
    if clauses.get(decided).is_none_or(|clause| !is_no(&clause.value)) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (at, clause) in clauses.iter().enumerate().skip(decided + 1) {
        match evaluation.expr(&clause.condition, entity, row).as_yes_no() {
            Some(false) => continue,
            Some(true) if is_no(&clause.value) => found.push(Refusing::Clause(at)),
            Some(true) => {
                let refuses = evaluation.expr(&clause.value, entity, row).as_yes_no() == Some(false);
                found.extend(refuses.then_some(Refusing::Clause(at)));
                return found;
            }
            None if is_no(&clause.value) => continue,
            None => return found,
        }
    }
    let refuses = |expr: &Expr| evaluation.expr(expr, entity, row).as_yes_no() == Some(false);
    found.extend(otherwise.as_ref().is_some_and(refuses).then_some(Refusing::Otherwise));
    found
}

fn is_no(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Constant(Value::YesNo(false)))
}

#[cfg(test)]
mod tests {
    use crate::{Evaluation, Layout, Library, Program, Source, facts_from_json, in_short};
    use doudi_terms::{RegionCode, parse_date};
    use serde_json::json;

    const LAW: &str = "---\n编号: 试\n名称: 试验\n位阶: 工作口径\n施行: 2010-01-01\n---\n## 第一条\n```条文\n\
        输入 户.有车: 是否\n输入 户.房屋超过: 是否\n输入 户.特批: 是否\n输入 户.收入: 金额\n输入 户.紧急: 是否\n\
        规则 户.财产符合: 是否\n  当 有车 则 否 理由 “有车”\n  当 房屋超过 则 否 理由 “房屋超过”\n  否则 是\n\
        规则 户.给予: 是否\n  当 非 财产符合 则 否 理由 “财产不符合”\n  当 特批 则 是 理由 “特批”\n\
        \x20 当 收入 低于 100元 则 是 理由 “收入低”\n  否则 否\n  理由 “收入不低”\n\
        例外 户.给予 「紧急」 当 紧急 则 否 理由 “紧急的另办”\n```\n";

    fn reasons(facts: serde_json::Value) -> Vec<String> {
        let (library, problems) =
            Library::read(vec![Source { path: "national/t.md".into(), text: LAW.into() }]);
        assert!(!crate::has_errors(&problems), "{problems:?}");
        let layout = Layout::of(&library);
        let facts = facts_from_json(&library, &layout, &json!({ "household": facts, "members": [{}] }))
            .expect("facts");
        let day = parse_date("2020-05-31").expect("a day");
        let program = Program::link(&library, RegionCode::COUNTRY, day).expect("links");
        let rule = library.rule_by_path("户.给予").expect("a rule");
        in_short(&mut Evaluation::new(&program, &facts), rule, 0, 9).reasons
    }

    #[test]
    fn every_reason_that_refuses_by_itself_is_told_in_the_order_of_the_law() {
        let all = json!({ "有车": "是", "房屋超过": "是", "特批": "否", "收入": "100元", "紧急": "否" });
        assert_eq!(reasons(all), ["财产不符合", "收入不低", "有车", "房屋超过"]);
        let poor = json!({ "有车": "否", "房屋超过": "是", "特批": "否", "收入": "99.99元", "紧急": "否" });
        assert_eq!(reasons(poor), ["财产不符合", "房屋超过"], "the income would have done");
        let special = json!({ "有车": "是", "房屋超过": "否", "特批": "是", "收入": "100元", "紧急": "否" });
        assert_eq!(reasons(special), ["财产不符合", "有车"], "without the car it would be granted");
    }

    #[test]
    fn what_is_not_known_is_no_reason_and_an_exception_speaks_for_itself() {
        let open = json!({ "有车": "是", "特批": "否", "紧急": "否" });
        assert_eq!(reasons(open), ["财产不符合", "有车"], "house and income are not known");
        let urgent = json!({ "有车": "是", "房屋超过": "是", "特批": "否", "收入": "100元", "紧急": "是" });
        assert_eq!(reasons(urgent)[0], "紧急的另办");
        let granted = json!({ "有车": "否", "房屋超过": "否", "特批": "否", "收入": "1元", "紧急": "否" });
        assert_eq!(reasons(granted), ["收入低"]);
    }
}
