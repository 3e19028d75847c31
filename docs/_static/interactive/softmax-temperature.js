// Three scores and a temperature, and the shares that softmax makes of them, as bars.
"use strict";
interactive((figure) => {
  const { element, number } = interactive;
  const names = ["₁", "₂", "₃"];
  const scores = names.map((i, value) =>
    figure.slider(`score x${i}`, { min: -4, max: 4, step: 0.1, value }),
  );
  const temperature = figure.slider("temperature T", { min: 0.1, max: 10, step: 0.1, value: 1 });

  function shares() {
    const heated = scores.map((score) => score.value / temperature.value);
    const powers = heated.map((x) => Math.exp(x - Math.max(...heated)));
    const sum = powers.reduce((a, b) => a + b);
    return powers.map((power) => power / sum);
  }

  const captions = names.map(() => element("span"));
  const bars = ["green", "blue", "orange"].map((colour) =>
    element("div", { className: `bar ${colour}` }),
  );
  const rows = bars.flatMap((bar, i) => [captions[i], bar]);
  figure.drawing("bars", "Three bars, each as long as its share.", ...rows);
  figure.always(() =>
    shares().forEach((share, i) => {
      captions[i].textContent = `p${names[i]} = ${share.toFixed(3)}`;
      bars[i].style.inlineSize = `${100 * share}%`;
    }),
  );
  figure.tell(() => {
    const written = shares().map((share, i) => `p${names[i]} = ${number(share, 4)}`);
    const sum = shares().reduce((a, b) => a + b);
    return `The shares are ${written.join(", ")}. Together they make ${number(sum, 12)}.`;
  });
});
