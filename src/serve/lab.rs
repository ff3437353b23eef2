//! The rule lab over HTTP. It is costly work, so it is for whoever has the admin token; without one, for this machine alone. A form that
//! another site sends is refused. One attempt at a time, bounded in time and in articles.

use std::sync::Arc;

use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, Uri, header};
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use tokio::sync::Semaphore;

use super::Wires;
use super::pages::{Absent, Fields, Made, Visitor};
use crate::clock;
use crate::config::{Config, is_this_machine};
use crate::desk::{Most, Question, Test};
use crate::model::TopicId;
use crate::pages::{self, Door, Lab, Outcome};
use crate::topic::{Rules, Topic};

/// What an attempt may cost.
const MOST: Most = Most { articles: 20_000, seconds: 10 };
/// How many days back it looks unless that is said.
const DAYS: i64 = 30;

static TURN: Semaphore = Semaphore::const_new(1);

/// The form, with the rules of the topic that the address names.
pub(super) async fn form(State(wires): State<Arc<Wires>>, address: Uri, headers: HeaderMap) -> Response {
    let door = door(&wires);
    Visitor::new(&wires, headers, "")
        .shown(move |visitor| {
            let (config, topic) = (&visitor.desk().config, Fields::of(address.query().unwrap_or_default()).text("topic"));
            let wire = TopicId::new(&topic).ok().and_then(|id| config.wire(&id));
            let lab = wire.map(|wire| Lab {
                topic,
                rules: wire.topic.rules.to_string(),
                threshold: wire.topic.threshold.to_string(),
                days: DAYS.to_string(),
            });
            Ok(pages::lab(&visitor.visit(), config, door, &lab.unwrap_or_default(), &Outcome::Nothing))
        })
        .await
}

/// What the rules that were sent would do. Of who has no business here nothing more is read.
pub(super) async fn attempt(State(wires): State<Arc<Wires>>, request: Request) -> Response {
    let (door, headers) = (door(&wires), request.headers().clone());
    let is_own = is_own(&headers);
    let body = if is_own && door != Door::Closed { String::from_request(request, &()).await } else { Ok(String::new()) };
    let fields = match body {
        Ok(body) => Fields::of(&body),
        Err(unreadable) => return unreadable.into_response(),
    };
    let allowed = match door {
        Door::Open => true,
        Door::Token => wires.is_admin(&fields.text("token")),
        Door::Closed => false,
    };
    let refused = match (is_own, allowed) {
        (false, _) => Some(Outcome::Foreign),
        (true, false) => Some(Outcome::Refused),
        (true, true) => None,
    };
    // Who is refused stands in nobody's way. The semaphore is never closed.
    let _turn = if refused.is_none() { TURN.acquire().await.ok() } else { None };
    Visitor::new(&wires, headers, "").shown(move |visitor| tried(visitor, door, refused, &fields)).await
}

fn tried(visitor: &Visitor, door: Door, refused: Option<Outcome>, fields: &Fields) -> Made {
    let config = &visitor.desk().config;
    let [topic, rules, threshold, days] = ["topic", "rules", "threshold", "days"].map(|name| fields.text(name));
    let lab = Lab { topic, rules: rules.replace('\r', ""), threshold, days };
    let outcome = match refused {
        Some(refused) => refused,
        None => outcome(visitor, &lab)?,
    };
    Ok(pages::lab(&visitor.visit(), config, door, &lab, &outcome))
}

fn outcome(visitor: &Visitor, lab: &Lab) -> Result<Outcome, Absent> {
    let config = &visitor.desk().config;
    let id = TopicId::new(lab.topic.as_str()).map_err(|_| Absent::NotFound)?;
    let numbers = (lab.threshold.trim().replace(',', ".").parse::<f64>(), lab.days.trim().parse::<i64>());
    let (Ok(threshold), Ok(days @ 1..=3650)) = numbers else { return Ok(Outcome::WrongNumber) };
    if !threshold.is_finite() || threshold <= 0.0 {
        return Ok(Outcome::WrongNumber);
    }
    let rules = match Rules::parse(&lab.rules) {
        Ok(rules) => rules,
        Err(mistakes) => return Ok(Outcome::Mistakes(mistakes)),
    };
    let topics = with_others(config, &id, threshold, &rules).ok_or(Absent::NotFound)?;
    let since = Some(clock::now() - TimeDelta::days(days));
    let difference = Test { topics, topic: id, since, most: Some(MOST) }.answer(visitor.desk())?;
    Ok(Outcome::Result(Box::new(difference)))
}

/// The topic with other rules, and all that these build on; none when there is no such topic.
fn with_others(config: &Config, id: &TopicId, threshold: f64, rules: &Rules) -> Option<Vec<Topic>> {
    let own = &config.wire(id)?.topic;
    let mut topics = vec![Topic { threshold, rules: rules.clone(), ..own.clone() }];
    for other in rules.topics() {
        for topic in config.topic_with_others(other).unwrap_or_default() {
            if !topics.iter().any(|known| known.id == topic.id) {
                topics.push(topic);
            }
        }
    }
    Some(topics)
}

/// Who may use the lab. The socket and the token are those of the start: another configuration may close the lab, but not open it.
fn door(wires: &Wires) -> Door {
    if wires.has_admin() {
        Door::Token
    } else if wires.began_at_home() && is_at_home(&wires.desk().config) {
        Door::Open
    } else {
        Door::Closed
    }
}

/// Whether only this machine is served. Behind a proxy everybody comes from this machine: then the site's address is another.
pub(super) fn is_at_home(config: &Config) -> bool {
    config.serve.listen.ip().is_loopback() && config.site.address.host().is_some_and(|host| is_this_machine(&host))
}

/// Whether the form comes from a page of ours, as far as the browser tells. Programs do not tell.
fn is_own(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let site = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    match (site, text(header::ORIGIN)) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => origin.split_once("://").map(|(_, host)| host) == text(header::HOST),
        (None, None) => true,
    }
}
