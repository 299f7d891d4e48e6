//! Mail, over real SMTP to the address that the settings name.

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor, message::header::ContentType,
};

use super::Portal;

impl Portal {
    /// Mails a reset link. A mail server that does not answer is the operator's to notice; the person
    /// who asked is told the same in any case.
    pub(super) async fn mail_link(&self, to: &str, link: &str) {
        let Some(smtp) = self.settings.smtp else { return };
        let body = format!(
            "Somebody asked to reset the password of your account.\r\n\r\nOpen this link within five minutes:\r\n{link}\r\n\r\nIf it was not you, do nothing.\r\n"
        );
        let (Ok(from), Ok(to)) = ("portal@portal.localhost".parse(), to.parse()) else { return };
        let message = Message::builder()
            .from(from)
            .to(to)
            .subject("Reset your password")
            .header(ContentType::TEXT_PLAIN)
            .body(body);
        let Ok(message) = message else { return };
        let transport =
            AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(smtp.ip().to_string())
                .port(smtp.port())
                .build();
        if let Err(error) = transport.send(message).await {
            (self.settings.trouble)(&format!("mail was not sent: {error}"));
        }
    }
}
