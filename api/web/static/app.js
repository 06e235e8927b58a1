"use strict";
/* Pages are complete without this. With it: focus after a part was exchanged, and what a screen reader is told. */
(() => {
  const status = () => document.getElementById("status");
  let said = 0;
  const tell = (text, wait) => {
    const now = Date.now(), place = status();
    if (!place || !text || (wait && now - said < wait)) return;
    said = now;
    place.textContent = text;
  };
  /* rows that a filter left: their number is told, the field keeps the focus */
  document.addEventListener("htmx:afterSettle", (event) => {
    const part = event.detail.elt;
    if (!part || !part.querySelector) return;
    const count = part.matches("[data-tell]") ? part : part.querySelector("[data-tell]");
    if (count) tell(count.dataset.tell, part.closest("[sse-connect]") ? 15000 : 0);
    const head = part.querySelector("h1[tabindex]");
    const stay = part.closest("[data-stay]");
    if (head && !stay && !part.closest("[sse-connect]")) head.focus();
    if (stay && document.activeElement === document.body) (stay.querySelector("[data-cell][aria-invalid]") || head).focus();
  });
  /* cells are sent when they are left; an answer that does not know what was typed since is not shown */
  const dirty = (cell) => cell.value !== cell.defaultValue;
  document.addEventListener("focusout", ({ target }) => {
    if (target.matches("[data-cell]") && dirty(target)) target.form.dispatchEvent(new Event("mend"));
  });
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const sent = detail.requestConfig.formData;
    const newer = (cell) => dirty(cell) && sent.get(cell.name) !== cell.value;
    if ([...document.querySelectorAll("[data-cell]")].some(newer)) detail.shouldSwap = false;
  });
  /* an answer that is another page: the form is sent without a script */
  document.addEventListener("htmx:responseError", ({ detail }) => {
    const form = detail.elt.closest("form[data-lost]");
    if (form) form.submit();
  });
  document.addEventListener("htmx:sendError", ({ detail }) => tell(detail.elt.dataset.lost));
  /* a stream that ended: what was for a running search only goes */
  document.addEventListener("htmx:sseClose", (event) => {
    if (event.detail.type === "message") document.querySelectorAll("[data-open]").forEach((part) => part.remove());
  });
  /* errors of a form: the summary has the focus, as a reader begins there */
  const wrong = document.querySelector("[data-focus]");
  if (wrong) wrong.focus();
  /* a button sends its form once */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.dataset.lost || form.dataset.sent) return form.dataset.sent && event.preventDefault();
    form.dataset.sent = "1";
    setTimeout(() => delete form.dataset.sent, 4000);
  });
  /* coming back by the back button shows a fresh page */
  addEventListener("pageshow", (event) => event.persisted && location.reload());
})();
