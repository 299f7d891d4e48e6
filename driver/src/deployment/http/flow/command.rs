//! Steps that run a program on this machine: how some portals' administrators make accounts.

use std::time::Instant;

use profile::{
    Command,
    error::Error,
    flow::{Program, Step},
};
use programs::{Bounds, Ended};
use reports::record::{COMMAND, Exchange};

use super::{FlowRun, Page, Stop};
use crate::recorder;

impl FlowRun<'_, '_> {
    /// Runs the program of a step, and stands on what it printed.
    pub(super) async fn run(&mut self, step: &Step, program: &Program) -> Result<(), Stop> {
        let mut argv = Vec::new();
        for template in &program.argv {
            let text = self.values.maybe_text(template);
            argv.extend(text.map_err(|place| self.missing(step, &place))?);
        }
        let environment = self.texts(step, &program.environment)?;
        let limits = self.driver.profile().description.limits;
        let bounds = Bounds { time: limits.exchange_timeout, output: limits.body_limit };
        self.write_down(None);
        let wire = &self.driver.access.wire;
        let turn = wire.turn(&self.visitor.scene, None).await?;
        let asked = Instant::now();
        let command = Command::new(argv, &program.folder);
        let ended = programs::once(&command, &environment, bounds).await;
        let took = asked.elapsed();
        wire.took(took);
        wire.came_of(&turn, false);
        let mut exchange = self.recorded(step, &command, &environment);
        exchange.micros = recorder::micros(took);
        let ended = ended.and_then(|Ended { code, output }| {
            Ok((code.ok_or("a signal ended it")?, String::from_utf8_lossy(&output).into_owned()))
        });
        match ended {
            Ok((code, output)) => {
                exchange.status = u16::try_from(code).ok();
                exchange.response_body = Some(output.clone());
                self.pending = Some(exchange);
                self.page = Page { exit: Some(code), body: output.into(), ..Page::default() };
                Ok(())
            }
            Err(why) => {
                exchange.error = Some(why.clone());
                self.pending = Some(exchange);
                let (place, shown) = (&step.place, &program.shown);
                Err(Error::Profile(format!("{place}: the command `{shown}`: {why}")).into())
            }
        }
    }

    /// The command line, and the names of what it was given; the values may be secrets.
    fn recorded(
        &self,
        step: &Step,
        command: &Command,
        environment: &[(String, String)],
    ) -> Exchange {
        let given: String = environment.iter().map(|(name, _)| format!("{name}=… ")).collect();
        let url = self.driver.profile().description.base(&self.visitor.scene.label);
        let origin = self.origin(&self.name(), step);
        let mut exchange = recorder::begins(&self.visitor.who, &origin, COMMAND, url);
        exchange.request_body = Some(given + &command.line());
        exchange
    }
}
