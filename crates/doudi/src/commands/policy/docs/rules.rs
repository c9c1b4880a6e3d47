//! The page of a rule: what it means, how it is computed in which place and from when, and what changes it where.

use super::page::{Page, escape, frame, list};
use super::site::Site;
use crate::commands::policy::wording;
use doudi_policy::Named;
use doudi_policy::ir::{Body, Def, DefId, RuleId};
use std::fmt::Write;

pub fn page(site: &Site<'_>, id: RuleId) -> Page {
    let library = site.library;
    let rule = &library.rules[id.index()];
    let named = Named::Rule(id);
    let owner = library.entities.get(rule.entity.index()).map_or("", |entity| entity.name.as_str());
    let mut body = format!(
        "<dl><dt>对谁算</dt><dd>每{}</dd><dt>结果</dt><dd>{}</dd>{}</dl>\n",
        escape(&owner_words(owner)),
        escape(&wording::type_words(library, rule.ty)),
        programmes(site, named),
    );
    if let Some(here) = site.here() {
        let _ = writeln!(body, "<p class=\"here\">此地此日：{}</p>", escape(&here));
    }
    let defs: Vec<(DefId, &Def)> = rule.defs.iter().filter_map(|id| Some((*id, library.def(*id)?))).collect();
    let (bases, exceptions): (Vec<_>, Vec<_>) = defs.into_iter().partition(|(_, def)| def.label.is_none());
    let _ = writeln!(body, "<h2>{}</h2>", if bases.len() > 1 { "各地各时期怎样算" } else { "怎样算" });
    if bases.is_empty() {
        body.push_str("<p>没有一般的算法，只在下面的例外成立时有结果。</p>\n");
    }
    bases.iter().for_each(|(id, def)| body.push_str(&definition(site, *id, def)));
    if !exceptions.is_empty() {
        body.push_str("<h2>什么时候不一样（例外）</h2>\n");
        exceptions.iter().for_each(|(id, def)| body.push_str(&definition(site, *id, def)));
    }
    body.push_str(&relations(site, named));
    frame(site.addresses.of(named).unwrap_or(""), &format!("{}（{owner}）", rule.name), "", &body)
}

fn owner_words(owner: &str) -> String {
    match owner {
        "户" => "一户".to_owned(),
        "人" => "个人".to_owned(),
        record => format!("一项{record}"),
    }
}

fn programmes(site: &Site<'_>, named: Named) -> String {
    let mut items = Vec::new();
    for programme in &site.programmes {
        for (question, rule) in programme.questions(site.library) {
            if rule == named {
                items.push(format!("{}：{question}", escape(&programme.name)));
            }
        }
    }
    if items.is_empty() { String::new() } else { format!("<dt>项目</dt><dd>{}</dd>", items.join("；")) }
}

fn definition(site: &Site<'_>, id: DefId, def: &Def) -> String {
    let library = site.library;
    let document = &library.documents[def.document as usize];
    let article = library.articles.get(def.article.index());
    let heading = article.map_or("", |article| article.heading.as_str());
    let label = def.label.as_ref().map_or(String::new(), |label| format!("「{}」 ", escape(label)));
    let mut out = format!(
        "<h3>{label}{}{}</h3>\n<p class=\"small\">{}，{}</p>\n",
        site.article_link(def.document, heading),
        site.def_in_force(id),
        escape(&site.place(document)),
        escape(&wording::period(document)),
    );
    if let Some(quotation) = article.map(|article| article.quotation.as_str()).filter(|text| !text.is_empty())
    {
        let _ = writeln!(out, "<blockquote>{}</blockquote>", escape(quotation));
    }
    let _ = writeln!(out, "<pre>{}</pre>", site.formula(def.span));
    let reasons = reasons(def);
    if !reasons.is_empty() {
        let _ = writeln!(out, "<p>通知里怎样说：</p>\n{}", list(&reasons));
    }
    if let Body::Exception { modifies: true, .. } = def.body {
        out.push_str("<p class=\"small\">在原来的结果上再算（原值）。</p>\n");
    }
    if let Some(before) = &def.before {
        let _ =
            writeln!(out, "<p class=\"small\">与例外「{}」同时成立时，以这一条为准。</p>", escape(before));
    }
    if let Some((level, why)) = &def.confidence {
        let colon = if why.is_empty() { "" } else { "：" };
        let _ = writeln!(
            out,
            "<p class=\"unsure\">把握{}{colon}{}</p>",
            wording::confidence(*level),
            escape(why)
        );
    }
    out
}

fn reasons(def: &Def) -> Vec<String> {
    let clauses = match &def.body {
        Body::Clauses { clauses, .. } => {
            clauses.iter().filter_map(|clause| clause.reason.as_deref()).collect()
        }
        _ => Vec::new(),
    };
    clauses.into_iter().chain(def.reason.as_deref()).map(escape).collect()
}

/// What a name rests on and who asks for it.
pub fn relations(site: &Site<'_>, named: Named) -> String {
    let mut out = String::new();
    let uses: Vec<Named> = site.uses.uses(named).filter(|used| *used != named).collect();
    let used_by: Vec<Named> = site.uses.used_by(named).filter(|user| *user != named).collect();
    for (title, names) in [("要用到什么", uses), ("哪里用到它", used_by)] {
        if names.is_empty() {
            continue;
        }
        let items: Vec<String> = names.iter().map(|name| item(site, *name)).collect();
        let _ = write!(out, "<h2>{title}</h2>\n<div class=\"columns\">{}</div>\n", list(&items));
    }
    out
}

fn item(site: &Site<'_>, named: Named) -> String {
    let kind = match named {
        Named::Rule(_) => "规则",
        Named::Parameter(_) => "参数",
        Named::Input(_) => "事实",
        Named::Set(_) => "群体",
        Named::Record(_) => "记录",
        Named::Enum(_) => "枚举",
        Named::Check(_) => "疑点",
    };
    format!("{kind} {}", site.name(named))
}
