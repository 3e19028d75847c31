// A point on the lecture's hill, in the cut along x and in the cut along y, with both slopes.
"use strict";
interactive((figure) => {
  const { green, ink, number, orange } = interactive;
  const z = (x, y) => 5 * x ** 3 + 7 * y ** 2;
  const alongX = (x) => 15 * x ** 2;
  const alongY = (y) => 14 * y;
  const x = figure.slider("place x", { min: 0, max: 4, step: 0.1, value: 3 });
  const y = figure.slider("place y", { min: -3, max: 3, step: 0.1, value: 2 });
  const height = () => z(x.value, y.value);
  const up = ["z", 0, 400];

  const first = { label: "The cut along x, with its tangent.", across: ["x", 0, 4], up };
  figure.board(first, ({ graph, handle }) => {
    graph((t) => z(t, y.value), orange);
    graph((t) => height() + alongX(x.value) * (t - x.value), ink);
    handle(() => [x.value, height()], (to) => (x.value = to));
  });
  const second = { label: "The cut along y, with its tangent.", across: ["y", -3, 3], up };
  figure.board(second, ({ graph, handle }) => {
    graph((t) => z(x.value, t), green);
    graph((t) => height() + alongY(y.value) * (t - y.value), ink);
    handle(() => [y.value, height()], (to) => (y.value = to));
  });
  figure.tell(() => {
    const [here, there] = [number(x.value, 1), number(y.value, 1)];
    const slopes = [number(alongX(x.value), 2), number(alongY(y.value), 2)];
    return (
      `At x = ${here}, y = ${there} the height is z = ${number(height(), 3)}. ` +
      `The slopes are ∂z/∂x = ${slopes[0]} and ∂z/∂y = ${slopes[1]}.`
    );
  });
});
