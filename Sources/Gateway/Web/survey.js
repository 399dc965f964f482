// A customer's judgement, by the link that he was sent.
import { call, element } from "/api.js";

const token = location.hash.slice(1);
const said = document.getElementById("said");
const scores = [1, 2, 3, 4, 5].map((score) =>
  element("button", { "aria-label": `${score} of 5`, onclick: () => answer(score) }, String(score)));
document.getElementById("scores").append(...scores);

// Only a click answers: who merely looks at the link, a program that previews it for one, has judged nothing.
async function answer(score) {
  for (const button of scores) button.disabled = true;
  try {
    await call("POST", "/widget/v1/surveyAnswers", { body: { token, score } });
    said.textContent = "Thank you.";
  } catch (problem) {
    said.textContent = problem.message;
    if (problem.reason !== "SURVEY_OVER") for (const button of scores) button.disabled = false;
  }
}
