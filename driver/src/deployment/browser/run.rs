//! One half of a verb while it is performed on a page: what is opened, filled in and pressed, the ceremony that the
//! page begins, and what it shows in the end.

use std::{collections::BTreeSet, time::Duration};

use browser::{Session, Shown, Trouble, Waiting};
use profile::{
    error::Error,
    pages::{Act, Control, Page, PageStep},
    template::Place,
};
use reports::record::{BROWSER, Exchange, Reply};
use tokio::time::{Instant, interval};
use url::Url;

use super::{HalfOfPage, broken, outcome::Rules, tabs::Tabs, taken};
use crate::{
    deployment::{Access, Answer, Inputs, NO_VALUE, Visitor, half::Half, http::Values},
    recorder,
    wire::Origin,
};

/// How often a page is looked at that is waited for.
const EVERY: Duration = Duration::from_millis(25);

/// How a half ended, where it did not end with something that the page shows.
pub(super) enum Stop {
    /// The page shows what the profile has a rule for, in place of what a step needs.
    Shown(Answer),
    /// The profile's step cannot be carried out on this page.
    Stuck(String),
    /// We could not find out.
    Broken(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Broken(error)
    }
}

/// What a half came to, with the ceremony that waits.
pub(super) type Done = Result<(Answer, Option<Waiting>), Stop>;

/// What is done to a control.
#[derive(Clone, Copy)]
enum Does<'t> {
    Fill(&'t str),
    Press,
}

/// A half while it is performed.
pub(super) struct PageRun<'r> {
    access: &'r Access,
    pub(super) session: &'r Session,
    /// Names of all scenarios that have pages open.
    labels: &'r BTreeSet<String>,
    visitor: &'r Visitor,
    values: Values,
    patience: Duration,
    began: Instant,
    /// What was done, as the profile writes it: no value stands in it.
    done: Vec<String>,
}

impl<'r> PageRun<'r> {
    pub(super) fn new(
        access: &'r Access,
        tabs: &'r Tabs,
        visitor: &'r Visitor,
        inputs: &Inputs,
    ) -> Self {
        Self {
            access,
            session: &tabs.session,
            labels: &tabs.labels,
            visitor,
            values: Values::new(&access.profile, visitor, inputs, None),
            patience: access.profile.description.limits.exchange_timeout,
            began: Instant::now(),
            done: Vec::new(),
        }
    }

    /// All of a half; whatever it comes to, its pages have asked for nothing outside the allow-list.
    pub(super) async fn perform(&mut self, half: &HalfOfPage<'_>) -> Done {
        let done = self.all(half).await;
        if !matches!(done, Err(Stop::Broken(_))) {
            self.look_after_requests().await?;
        }
        done
    }

    async fn all(&mut self, half: &HalfOfPage<'_>) -> Done {
        let mut rules = Rules::of(self, half.page)?;
        if let Some((number, credential)) = &half.answers {
            rules.mark(self).await?;
            self.done.push("a key answers".to_owned());
            self.turn().await?;
            let answered = self.session.answer(*number, credential).await;
            taken(answered.map_err(|trouble| broken(&trouble))?)?;
        }
        for (place, step) in half.steps.iter().enumerate() {
            if place + 1 == half.steps.len() {
                rules.mark(self).await?;
            }
            self.step(step, &rules).await?;
        }
        self.ends(half, &rules).await
    }

    /// The ceremony that is to begin, or what the page shows.
    async fn ends(&mut self, half: &HalfOfPage<'_>, rules: &Rules<'_>) -> Done {
        if half.half == Half::Begin && !half.asks_for_a_key() {
            return Ok((self.leads_on(half.page, rules).await?, None));
        }
        let until = Instant::now() + self.patience;
        let mut ticks = interval(EVERY);
        loop {
            ticks.tick().await;
            if half.asks_for_a_key() {
                let waiting = self.patiently(self.session.waiting().await)?.unwrap_or_default();
                let asked = waiting.into_iter().find(|waiting| !waiting.conditional);
                if let Some(asked) = asked {
                    return Ok((Answer::plain(Reply::Ok), Some(asked)));
                }
            }
            let is_late = Instant::now() >= until;
            if let Some(answer) = rules.answer(self, is_late).await? {
                return Ok((answer, None));
            }
            if is_late {
                let wanted = if half.asks_for_a_key() { "it asked for no key, and " } else { "" };
                return Err(Stop::Stuck(format!(
                    "{}: {wanted}no rule holds of the page within {} s: {}",
                    half.page.place,
                    self.patience.as_secs_f32(),
                    self.address().await
                )));
            }
        }
    }

    /// The first half of what no key answers: the page shows what the second begins with, or refuses.
    async fn leads_on(&self, page: &Page, rules: &Rules<'_>) -> Result<Answer, Stop> {
        let steps = page.finish.as_deref().unwrap_or_default();
        let Some(next) = steps.iter().find_map(|step| step.act.control()) else {
            return Ok(Answer::plain(Reply::Ok));
        };
        let until = Instant::now() + self.patience;
        let mut ticks = interval(EVERY);
        loop {
            ticks.tick().await;
            if let Some(answer) = rules.refusal(self).await? {
                return Ok(answer);
            }
            let wanted = self.control(next)?;
            let view = self.patiently(self.session.look(std::slice::from_ref(&wanted)).await)?;
            let shown = view.filter(|view| view.ready).map(|view| view.shown).unwrap_or_default();
            if shown.first().is_some_and(|shown| first(shown, next).is_some()) {
                return rules.shown(self).await;
            }
            if Instant::now() >= until {
                let (place, shown) = (&page.place, &next.shown);
                let address = self.address().await;
                return Err(Stop::Stuck(format!(
                    "{place}: {shown}: it is not shown, on {address}"
                )));
            }
        }
    }

    async fn step(&mut self, step: &PageStep, rules: &Rules<'_>) -> Result<(), Stop> {
        if let Some(when) = &step.when
            && !self.is_there(when).await?
        {
            return Ok(());
        }
        match &step.act {
            Act::Open(address) => {
                let url = self.values.url(address).map_err(|place| stuck(step, &place))?;
                let label = &self.visitor.scene.label;
                let base = self.access.profile.description.base(label);
                let url = Url::parse(&base).and_then(|base| base.join(&url));
                let url = url.map_err(|error| Stop::Stuck(format!("{}: {error}", step.place)))?;
                self.access.wire.permits(&url, label)?;
                self.done.push(format!("open {}", url.path()));
                self.turn().await?;
                self.open(&url).await
            }
            Act::Fill(field, with) => {
                let text = self.values.text(with).map_err(|place| stuck(step, &place))?;
                self.done.push(format!("fill {}", field.shown));
                self.act((step, rules), field, Does::Fill(&text)).await
            }
            Act::Press(control) => {
                self.done.push(format!("press {}", control.shown));
                self.turn().await?;
                self.act((step, rules), control, Does::Press).await
            }
        }
    }

    /// Waits until a request may go, by the pace.
    async fn turn(&self) -> Result<(), Error> {
        let turn = self.access.wire.turn(&self.visitor.scene, None).await?;
        self.access.wire.came_of(&turn, false);
        Ok(())
    }

    async fn open(&self, url: &Url) -> Result<(), Stop> {
        match self.session.open(url).await {
            Ok(()) => Ok(()),
            Err(Trouble::Refused { message, .. }) => {
                let host = url.origin().ascii_serialization();
                Err(Stop::Broken(Error::Network(format!("{host}: {message}"))))
            }
            Err(trouble) => Err(Stop::Broken(broken(&trouble))),
        }
    }

    /// Does something to a control, once it is there and can be reached.
    async fn act(
        &self,
        (step, rules): (&PageStep, &Rules<'_>),
        control: &Control,
        does: Does<'_>,
    ) -> Result<(), Stop> {
        let wanted = self.control(control)?;
        let until = Instant::now() + self.patience;
        let mut ticks = interval(EVERY);
        let mut why = "it is not shown".to_owned();
        while Instant::now() < until {
            ticks.tick().await;
            let seen = self.patiently(self.session.look(std::slice::from_ref(&wanted)).await)?;
            let shown = seen.map(|view| view.shown).unwrap_or_default();
            let Some(found) = shown.first().and_then(|shown| first(shown, control)) else {
                match rules.refusal(self).await? {
                    Some(answer) => return Err(Stop::Shown(answer)),
                    None => continue,
                }
            };
            let done = match does {
                Does::Fill(text) => self.session.fill(&found.element, text).await,
                Does::Press => self.session.press(&found.element).await,
            };
            match done {
                Ok(()) => return Ok(()),
                // Something lies over it, or the page is another by now.
                Err(Trouble::Refused { message, .. }) => why = message,
                Err(trouble) => return Err(Stop::Broken(broken(&trouble))),
            }
        }
        let address = self.address().await;
        Err(Stop::Stuck(format!("{}: {}: {why}, on {address}", step.place, control.shown)))
    }

    /// Whether something is shown once the page is loaded.
    async fn is_there(&self, control: &Control) -> Result<bool, Stop> {
        let wanted = self.control(control)?;
        let until = Instant::now() + self.patience;
        let mut ticks = interval(EVERY);
        loop {
            ticks.tick().await;
            let view = self.patiently(self.session.look(std::slice::from_ref(&wanted)).await)?;
            if let Some(view) = view.filter(|view| view.ready) {
                return Ok(view.shown.first().is_some_and(|shown| first(shown, control).is_some()));
            }
            if Instant::now() >= until {
                return Ok(false);
            }
        }
    }

    /// A control with its places filled in.
    pub(super) fn control(&self, control: &Control) -> Result<browser::Control, Stop> {
        let text = |template: &Option<_>| {
            let text = template.as_ref().map(|template| self.values.text(template)).transpose();
            text.map_err(|place| Stop::Stuck(format!("`{{{}}}` {NO_VALUE}", place.written)))
        };
        Ok(browser::Control {
            role: control.role.clone(),
            name: text(&control.name)?,
            label: text(&control.label)?,
            css: control.css.clone(),
        })
    }

    /// What is refused while one page gives way to the next is asked again.
    pub(super) fn patiently<T>(&self, said: Result<T, Trouble>) -> Result<Option<T>, Stop> {
        match said {
            Ok(said) => Ok(Some(said)),
            Err(Trouble::Refused { .. } | Trouble::Nonsense(_)) => Ok(None),
            Err(trouble) => Err(Stop::Broken(broken(&trouble))),
        }
    }

    async fn address(&self) -> String {
        let view = self.session.look(&[]).await;
        let url = view.ok().and_then(|view| Url::parse(&view.address).ok());
        url.map_or_else(|| "no page".to_owned(), |url| url.path().to_owned())
    }

    /// Whatever a page has asked for stands on the allow-list, as a scenario with pages open has it. No other
    /// host was reached, and perhaps another port of one: that it was asked for ends the run, as it does over
    /// HTTP.
    async fn look_after_requests(&self) -> Result<(), Error> {
        let asked = self.session.requests().await.map_err(|trouble| broken(&trouble))?;
        let wire = &self.access.wire;
        for address in asked {
            let address = address.replacen("ws", "http", usize::from(address.starts_with("ws")));
            let Ok(url) = Url::parse(&address) else { continue };
            if !self.labels.iter().any(|label| wire.permits(&url, label).is_ok()) {
                wire.permits(&url, &self.visitor.scene.label)?;
            }
        }
        Ok(())
    }

    /// Writes down what was done and what came of it.
    pub(super) fn write_down(&self, flow: String, page: &Page, done: &Done) {
        let origin = Origin { flow, place: page.place.clone(), honest: false, decides: false };
        let base = self.access.profile.description.base(&self.visitor.scene.label);
        let answer = match done {
            Ok((answer, _)) | Err(Stop::Shown(answer)) => Some(answer),
            Err(Stop::Stuck(_) | Stop::Broken(_)) => None,
        };
        let error = match done {
            Ok(_) | Err(Stop::Shown(_)) => None,
            Err(Stop::Stuck(why)) => Some(why.clone()),
            Err(Stop::Broken(error)) => Some(error.to_string()),
        };
        let asks = done.as_ref().is_ok_and(|(_, waiting)| waiting.is_some());
        let shown = answer.map(|answer| match (asks, &answer.message) {
            (true, _) => "the page asks for a key".to_owned(),
            (false, Some(message)) => format!("the page shows: {message}"),
            (false, None) => format!("the page shows what is `{}`", answer.reply.word()),
        });
        let took = self.began.elapsed();
        self.access.wire.took(took);
        self.visitor.scene.recorder.exchange(Exchange {
            request_body: Some(self.done.join("\n")),
            response_body: shown,
            reply: answer.map(|answer| answer.reply),
            micros: recorder::micros(took),
            error,
            ..recorder::begins(&self.visitor.who, &origin, BROWSER, base)
        });
    }
}

/// The first of what is shown whose text fits.
pub(super) fn first<'s>(shown: &'s [Shown], control: &Control) -> Option<&'s Shown> {
    let fits = |one: &&Shown| control.text.as_ref().is_none_or(|text| text.is_match(&one.text));
    shown.iter().find(fits)
}

fn stuck(step: &PageStep, place: &Place) -> Stop {
    Stop::Stuck(format!("{}: `{{{}}}` {NO_VALUE}", step.place, place.written))
}
