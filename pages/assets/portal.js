// Carries out what a page cannot do with forms alone: the ceremonies of security keys (WebAuthn Level 3), and
// waiting for the answer to a prompt. All words are the page's: this script shows them and hides them.
"use strict";

class Failure extends Error {
  constructor(word, said) {
    super(said || word);
    this.word = word;
    this.said = said;
  }
}

const bytesOf = (text) => {
  const base64 = text.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
};

const textOf = (buffer) => {
  const letters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte));
  return btoa(letters.join("")).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
};

// One request of the portal's own interface.
const ask = async (address, body) => {
  let response;
  let answer;
  try {
    response = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      redirect: "error",
    });
    answer = await response.text();
  } catch {
    throw new Failure("connection");
  }
  try {
    answer = JSON.parse(answer);
  } catch {
    throw new Failure("trouble");
  }
  if (!response.ok) {
    throw answer.message ? new Failure("said", answer.message) : new Failure("trouble");
  }
  return answer;
};

const withBytes = (list) => (list || []).map((entry) => ({ ...entry, id: bytesOf(entry.id) }));

const asked = (kind, options, attachment) => {
  const publicKey = { ...options, challenge: bytesOf(options.challenge) };
  if (kind === "get") {
    return { ...publicKey, allowCredentials: withBytes(options.allowCredentials) };
  }
  const selection = { ...options.authenticatorSelection };
  if (attachment) {
    selection.authenticatorAttachment = attachment;
  }
  return {
    ...publicKey,
    user: { ...options.user, id: bytesOf(options.user.id) },
    excludeCredentials: withBytes(options.excludeCredentials),
    authenticatorSelection: selection,
  };
};

const answered = (credential) => {
  const { response } = credential;
  const parts = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) {
      parts[name] = textOf(response[name]);
    }
  }
  if (response.getTransports) {
    parts.transports = response.getTransports();
  }
  return {
    id: credential.id,
    rawId: textOf(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment || undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: parts,
  };
};

// What a failed ceremony is called here. A browser does not tell a time-out from a refusal: the clock does.
const failureOf = (error, kind, timedOut) => {
  switch (error && error.name) {
    case "NotAllowedError":
    case "AbortError":
      return timedOut ? "time-out" : "refused";
    case "TimeoutError":
      return "time-out";
    case "InvalidStateError":
      return "known";
    case "NotSupportedError":
    case "ConstraintError":
    case "UnknownError":
      return "key";
    case "SecurityError":
      return "address";
    default:
      return kind === "get" || kind === "create" ? "key" : "trouble";
  }
};

const countDown = (form, milliseconds, over) => {
  const shown = form.querySelector("[data-countdown]");
  const end = Date.now() + milliseconds;
  const left = () => Math.max(0, Math.ceil((end - Date.now()) / 1000));
  const show = () => {
    shown.textContent = `${left()} seconds left.`;
  };
  show();
  const ticking = setInterval(show, 1000);
  const ending = setTimeout(over, milliseconds);
  return {
    // Browsers end a ceremony a moment before or after the page does.
    isOver: () => Date.now() >= end - 250,
    stop: () => {
      clearInterval(ticking);
      clearTimeout(ending);
    },
  };
};

const perform = async (form, options, attachment) => {
  const kind = form.dataset.ceremony;
  const stopping = new AbortController();
  const publicKey = asked(kind, options, attachment);
  const clock = countDown(form, options.timeout || 60000, () => stopping.abort());
  const waiting = form.querySelector("[data-waiting]");
  waiting.hidden = false;
  try {
    const credential = await navigator.credentials[kind]({ publicKey, signal: stopping.signal });
    if (!credential) {
      throw new Failure("refused");
    }
    return answered(credential);
  } catch (error) {
    throw error instanceof Failure ? error : new Failure(failureOf(error, kind, clock.isOver()));
  } finally {
    clock.stop();
    waiting.hidden = true;
  }
};

const show = (form, failure) => {
  for (const message of form.querySelectorAll("[data-failure]")) {
    message.hidden = !failure || message.dataset.failure !== failure.word;
    if (failure && failure.said && !message.hidden) {
      message.textContent = failure.said;
    }
  }
};

const send = async (form, attachment) => {
  const { attachment: _, ...fields } = Object.fromEntries(new FormData(form));
  const { options: from, answer: to, member, then } = form.dataset;
  const options = await ask(from, fields);
  const key = options.publicKey && (await perform(form, options.publicKey, attachment));
  const answer = await ask(to, member ? { ...fields, [member]: key } : key);
  location.assign(answer.next || then);
};

const serve = (form) => {
  const buttons = form.querySelectorAll("button");
  const enable = (able) => buttons.forEach((button) => (button.disabled = !able));
  form.querySelector("[data-without-scripts]").hidden = true;
  if (!window.PublicKeyCredential || !navigator.credentials) {
    show(form, new Failure("browser"));
    return;
  }
  enable(true);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const pressed = event.submitter || buttons[0];
    enable(false);
    show(form, null);
    try {
      await send(form, pressed.value);
    } catch (error) {
      show(form, error instanceof Failure ? error : new Failure("trouble"));
      if (buttons.length === 1 && form.dataset.ceremony === "get") {
        pressed.textContent = "Try again";
      }
      enable(true);
      pressed.focus();
    }
  });
};

// Asks every two seconds what was said to a prompt, and shows nothing before it was said.
const poll = (place) => {
  const look = async () => {
    try {
      const answer = await ask(place.dataset.poll, {});
      if (answer.status !== "pending") {
        location.assign(answer.next || place.dataset.then);
        return;
      }
    } catch (failure) {
      if (failure.said) {
        const message = place.querySelector("[role=status]");
        message.textContent = failure.said;
        message.setAttribute("role", "alert");
        return;
      }
    }
    setTimeout(look, 2000);
  };
  setTimeout(look, 2000);
};

document.querySelectorAll("form[data-ceremony]").forEach(serve);
document.querySelectorAll("[data-poll]").forEach(poll);
