// Stands in for the browser's own `navigator.credentials` on every page: a request waits in a queue until it is
// answered from outside, with whatever a key is made to say. Nothing is fetched, so that no Content-Security-Policy
// is in the way. The page sees the interfaces of WebAuthn Level 3 and cannot tell.
(() => {
  "use strict";
  if (!window.isSecureContext || !navigator.credentials || !window.PublicKeyCredential) return;

  const own = navigator.credentials;
  const real = { create: own.create.bind(own), get: own.get.bind(own) };
  const waiting = new Map();
  // No two documents count alike: an answer to one of them is never taken by another.
  let numbers = Math.round(performance.timeOrigin * 1000);

  const text = (buffer) => {
    const view = ArrayBuffer.isView(buffer)
      ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
      : new Uint8Array(buffer);
    const letters = Array.from(view, (byte) => String.fromCharCode(byte)).join("");
    return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  };
  const bytes = (encoded) => {
    const base64 = encoded.replaceAll("-", "+").replaceAll("_", "/");
    return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)).buffer;
  };
  const isBytes = (value) => value instanceof ArrayBuffer || ArrayBuffer.isView(value);
  const plain = (value) => {
    if (isBytes(value)) return text(value);
    if (Array.isArray(value)) return value.map(plain);
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
  };

  const shaped = (prototype, members) => {
    const made = Object.create(prototype);
    for (const [name, value] of Object.entries(members)) {
      Object.defineProperty(made, name, { value, enumerable: true });
    }
    return made;
  };
  const isMissing = (member) => member === undefined || member === null;
  const asText = (member) => {
    if (typeof member !== "string") throw new TypeError("no bytes");
    return member;
  };
  const given = (encoded) => (isMissing(encoded) ? null : bytes(asText(encoded)));
  const responseOf = (kind, response) => {
    const clientDataJSON = given(response.clientDataJSON);
    if (kind === "create") {
      return shaped(AuthenticatorAttestationResponse.prototype, {
        clientDataJSON,
        attestationObject: given(response.attestationObject),
        getTransports: () => response.transports || [],
        getAuthenticatorData: () => given(response.authenticatorData),
        getPublicKey: () => given(response.publicKey),
        getPublicKeyAlgorithm: () => response.publicKeyAlgorithm,
      });
    }
    return shaped(AuthenticatorAssertionResponse.prototype, {
      clientDataJSON,
      authenticatorData: given(response.authenticatorData),
      signature: given(response.signature),
      userHandle: given(response.userHandle),
    });
  };
  const credentialOf = (kind, answer) =>
    shaped(PublicKeyCredential.prototype, {
      id: answer.id,
      rawId: given(answer.rawId),
      type: answer.type,
      authenticatorAttachment: answer.authenticatorAttachment || null,
      response: responseOf(kind, answer.response),
      getClientExtensionResults: () => answer.clientExtensionResults || {},
      toJSON: () => jsonOf(kind, answer),
    });
  // What a page has of an answer, in the JSON of WebAuthn Level 3: bytes written anew, and no member beside these.
  const again = (encoded) => (isMissing(encoded) ? undefined : text(bytes(encoded)));
  const jsonOf = (kind, { id, rawId, type, authenticatorAttachment, clientExtensionResults, response }) => ({
    id,
    rawId: again(rawId),
    type,
    authenticatorAttachment: authenticatorAttachment || undefined,
    clientExtensionResults: clientExtensionResults || {},
    response:
      kind === "create"
        ? {
            clientDataJSON: again(response.clientDataJSON),
            attestationObject: again(response.attestationObject),
            authenticatorData: again(response.authenticatorData),
            transports: response.transports || [],
            publicKey: again(response.publicKey),
            publicKeyAlgorithm: response.publicKeyAlgorithm,
          }
        : {
            clientDataJSON: again(response.clientDataJSON),
            authenticatorData: again(response.authenticatorData),
            signature: again(response.signature),
            userHandle: again(response.userHandle),
          },
  });

  const ask = (kind) => (options) => {
    if (!options || !options.publicKey) return real[kind](options);
    const { signal } = options;
    return new Promise((resolve, reject) => {
      const ended = () => reject(signal.reason || new DOMException("aborted", "AbortError"));
      if (signal && signal.aborted) return ended();
      const number = ++numbers;
      waiting.set(number, {
        request: { number, kind, mediation: options.mediation || "optional", options: plain(options.publicKey) },
        resolve,
        reject: (name) => reject(new DOMException("The operation either timed out or was not allowed.", name)),
      });
      if (signal) {
        signal.addEventListener("abort", () => {
          waiting.delete(number);
          ended();
        });
      }
    });
  };
  own.create = ask("create");
  own.get = ask("get");

  Object.defineProperty(window, "__touchstone", {
    value: Object.freeze({
      // The requests that nobody has answered, the oldest first.
      waiting: () => Array.from(waiting.values(), (entry) => entry.request),
      // What cannot be put in bytes is handed to no page, and the request waits on.
      answer: (number, answer) => {
        const entry = waiting.get(number);
        if (!entry) return "gone";
        let credential;
        try {
          credential = credentialOf(entry.request.kind, answer);
        } catch {
          return "unreadable";
        }
        entry.resolve(credential);
        waiting.delete(number);
        return "taken";
      },
      refuse: (number, name) => {
        const entry = waiting.get(number);
        if (entry) entry.reject(name);
        return waiting.delete(number);
      },
    }),
  });
})();
