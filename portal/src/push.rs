//! Push: a prompt on the device that the administrator set up. It belongs to one session and one
//! purpose, lives shortly, is used once, and is approved only with the number that the page shows.

use serde_json::json;

use super::{
    Portal,
    accounts::constant_time_eq,
    ceremony::Asked,
    check::{Check, Refusal},
    random::Purpose,
    router::{Reply, Visit},
    state::{Aim, Device, Prompt, Said, State, User},
};

/// How long a prompt lives, seconds.
const LIFETIME: u64 = 60;
/// So many prompts are sent to one user in five minutes.
const MOST_PROMPTS: usize = 3;

impl Portal {
    /// Sends a prompt for the sign-in of this session.
    pub(super) fn ask_for_push(&self, visit: &Visit) -> Result<Reply, Refusal> {
        let mut state = self.state();
        let (id, name) = self.half_session(&state, visit)?;
        self.may_use_push(&state, &name)?;
        self.send_prompt(&mut state, &name, &Asked { aim: Aim::SignIn, session: &id })
    }

    /// The number that the page of a session shows, while its prompt lives.
    pub(super) fn shown_number(state: &State, name: &str, asked: &Asked<'_>) -> Option<String> {
        let prompts = &state.users.get(name)?.device.as_ref()?.prompts;
        let own = prompts.iter().find(|prompt| prompt.is_for(asked) && prompt.lives(state.now))?;
        Some(own.number.clone())
    }

    /// Since the prompt was sent the administrator may have been at work.
    pub(super) fn may_use_push(&self, state: &State, name: &str) -> Result<(), Refusal> {
        let Some(user) = state.users.get(name) else { return Err(Refusal(Check::PushApproved)) };
        self.require(Check::LoginEnabledAtFactor, !user.policy.disabled)?;
        self.require(Check::LoginOnlyKey, !(self.rules().push.barred)(user))?;
        self.require(Check::PushAllowed, user.has_push_factor())
    }

    /// Sends a prompt for something else than a sign-in.
    pub(super) fn ask_to_confirm_by_push(
        &self,
        state: &mut State,
        name: &str,
        asked: &Asked<'_>,
    ) -> Result<Reply, Refusal> {
        let set_up = state.users.get(name).is_some_and(User::has_push_factor);
        self.require(Check::PushAllowed, set_up)?;
        self.send_prompt(state, name, asked)
    }

    /// Sends a prompt, in place of an older one of the same session, and shows the number to match.
    fn send_prompt(
        &self,
        state: &mut State,
        name: &str,
        asked: &Asked<'_>,
    ) -> Result<Reply, Refusal> {
        let drawn = u32::from_be_bytes(state.random.draw(Purpose::PushNumber));
        let number = format!("{:02}", drawn % 100);
        let now = state.now;
        let whose = (self.rules().push.counted_for)(name, asked.session);
        let State { users, prompted, .. } = state;
        let device = users.get_mut(name).and_then(|user| user.device.as_mut());
        let device = device.ok_or(Refusal(Check::PushAllowed))?;
        self.require(Check::PushLimit, prompted.recent(whose, now) < MOST_PROMPTS)?;
        prompted.count(whose, now);
        device.prompts.retain(|prompt| prompt.lives(now) && !prompt.is_for(asked));
        device.prompts.push(Prompt {
            aim: asked.aim.clone(),
            session: asked.session.to_owned(),
            number: number.clone(),
            sent: now,
            said: Said::Nothing,
        });
        Ok(Reply::ok(json!({ "status": "prompted", "number": number })))
    }

    /// Whether the device has a prompt to show. The number stays on the page that asked for it.
    pub(super) fn waiting_prompt(&self, visit: &Visit) -> Result<Reply, Refusal> {
        let state = self.state();
        let mut devices = state.users.values().filter_map(|user| user.device.as_ref());
        let device = devices.find(|device| device.is_of(visit));
        self.require(Check::PushDevice, device.is_some())?;
        let prompts = device.into_iter().flat_map(|device| &device.prompts);
        let mut waiting =
            prompts.filter(|prompt| prompt.said == Said::Nothing && prompt.lives(state.now));
        Ok(Reply::ok(json!({ "waiting": waiting.next().is_some() })))
    }

    /// What is said on the device, to the newest prompt that nobody has answered. An approval with
    /// another number is a denial.
    pub(super) fn answer_prompt(&self, visit: &Visit) -> Result<Reply, Refusal> {
        let mut state = self.state();
        let now = state.now;
        let State { users, scars, .. } = &mut *state;
        let mut devices = users.values_mut().filter_map(|user| user.device.as_mut());
        let device = devices.find(|device| device.is_of(visit));
        self.require(Check::PushDevice, device.is_some())?;
        let Device { prompts, token } = device.ok_or(Refusal(Check::PushDevice))?;
        let newest = prompts.iter_mut().rev().find(|prompt| prompt.said == Said::Nothing);
        let prompt = newest.ok_or(Refusal(Check::PushApproved))?;
        self.require(Check::PushLifetime, prompt.lives(now))?;
        let approves = visit.text("answer") == "approve";
        let matches = visit.text("number") == prompt.number;
        let approved = (self.rules().push.approves)(scars, token, approves) && matches;
        prompt.said = if approved { Said::Yes } else { Said::No };
        self.require(Check::PushNumber, matches || !approves)?;
        Ok(Reply::ok(json!({ "status": "answered" })))
    }

    /// What came of the prompt of this session: whoever approved it is signed in.
    pub(super) fn answer_with_push(&self, visit: &Visit) -> Result<Reply, Refusal> {
        let mut state = self.state();
        let (id, name) = self.half_session(&state, visit)?;
        self.may_use_push(&state, &name)?;
        let asked = Asked { aim: Aim::SignIn, session: &id };
        match self.outcome(&mut state, &name, &asked)? {
            Said::Nothing => Ok(Reply::ok(json!({ "status": "pending" }))),
            Said::Yes | Said::No => self.finish_sign_in(&mut state, visit, (&name, None)),
        }
    }

    /// What was said to the prompt of a session; once it is approved it is used up.
    fn outcome(&self, state: &mut State, name: &str, asked: &Asked<'_>) -> Result<Said, Refusal> {
        let now = state.now;
        let device = device_of(state, name).ok_or(Refusal(Check::PushApproved))?;
        (self.rules().push.outcome)(self, device, asked, now)
    }

    /// Whether an approval confirms something else than a sign-in.
    pub(super) fn push_confirms(&self, name: &str, asked: &Asked<'_>) -> Result<bool, Refusal> {
        let mut state = self.state();
        if !state.users.get(name).is_some_and(User::has_push_factor) {
            return Ok(false);
        }
        let sent = |device: &Device| device.prompts.iter().any(|prompt| prompt.is_for(asked));
        if !device_of(&mut state, name).is_some_and(|device| sent(device)) {
            return Ok(false);
        }
        Ok(self.outcome(&mut state, name, asked)? == Said::Yes)
    }
}

/// What was said to the prompt of a session; once it is approved it is used up.
pub(super) fn outcome(
    portal: &Portal,
    device: &mut Device,
    asked: &Asked<'_>,
    now: u64,
) -> Result<Said, Refusal> {
    let own = device.prompts.iter().find(|prompt| prompt.is_for(asked));
    let said = own.map_or(Said::No, |own| own.said);
    portal.require(Check::PushApproved, said != Said::No)?;
    portal.require(Check::PushLifetime, own.is_none_or(|own| own.lives(now)))?;
    if said == Said::Yes {
        device.prompts.retain(|prompt| !prompt.is_for(asked));
    }
    Ok(said)
}

impl Device {
    /// Whether a request carries the device's own token.
    fn is_of(&self, visit: &Visit) -> bool {
        constant_time_eq(self.token.as_bytes(), visit.bearer.as_bytes())
    }
}

impl Prompt {
    pub(super) fn is_for(&self, asked: &Asked<'_>) -> bool {
        self.aim == asked.aim && self.session == asked.session
    }

    pub(super) const fn lives(&self, now: u64) -> bool {
        now <= self.sent + LIFETIME
    }
}

fn device_of<'w>(state: &'w mut State, name: &str) -> Option<&'w mut Device> {
    state.users.get_mut(name).and_then(|user| user.device.as_mut())
}
