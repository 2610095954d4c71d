// Quick questions: with this script, one button answers; without it, each feedback is a note to unfold.
"use strict";

function readNumber(text) {
  // 1/4, 0,25, −0.25 and 2e-3 are numbers too; in 61,706 the comma groups digits, in 0,088 it is the decimal point
  const parts = text.trim().replace(/\u2212/g, "-").replace(/[\s_]/g, "").split("/");
  const plain = (part) => (/^-?[1-9]\d{0,2}(,\d{3})+(\.|$)/.test(part) ? part.replaceAll(",", "") : part.replace(",", "."));
  const numbers = parts.map((part) => (part === "" ? NaN : Number(plain(part))));
  return numbers.length === 2 ? numbers[0] / numbers[1] : numbers.length === 1 ? numbers[0] : NaN;
}

function chosen(form) {
  const feedback = [...form.querySelectorAll(".quiz-feedback")];
  if (form.dataset.kind === "choice") {
    const button = form.querySelector("input:checked");
    return button ? feedback[Number(button.value)] : "Choose an answer first.";
  }
  const number = readNumber(form.querySelector("input").value);
  if (!Number.isFinite(number)) return "Type a number first, such as 0.5 or 1/2.";
  const fits = (f) => Math.abs(number - Number(f.dataset.value)) <= Number(f.dataset.tolerance) + 1e-9 * Math.abs(number);
  return feedback.find((f) => f.dataset.value !== "" && fits(f)) || feedback.find((f) => f.dataset.value === "");
}

function answer(form) {
  const verdict = form.querySelector(".quiz-verdict");
  const feedback = chosen(form);
  delete verdict.dataset.right;
  if (typeof feedback === "string") {
    verdict.textContent = feedback;
    return;
  }
  const right = "right" in feedback.dataset;
  const word = document.createElement("strong");
  word.textContent = right ? "✓ Correct. " : "✗ Not this one. ";
  verdict.dataset.right = right;
  const words = [...feedback.querySelector(".quiz-text").childNodes].map((node) => node.cloneNode(true));
  verdict.replaceChildren(word, ...words);
}

document.addEventListener("DOMContentLoaded", () => {
  for (const form of document.querySelectorAll("form.quiz")) {
    form.classList.add("quiz-live");
    form.querySelector(".quiz-ask").hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      answer(form);
    });
    form.addEventListener("input", () => form.querySelector(".quiz-verdict").replaceChildren());
  }
});
