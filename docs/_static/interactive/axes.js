// A small array with its axes in any order, walked entry by entry, and where each lies in memory.
"use strict";
interactive((figure) => {
  const { element } = interactive;
  const shape = [2, 3, 4];
  const strides = [12, 4, 1];
  const size = 24;
  const orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
  const list = (numbers) => `(${numbers.join(", ")})`;
  const spell = (order) => order.map((axis) => "HWC"[axis]).join(", ");

  const choice = figure.select(
    "order of the axes",
    orders.map((order) => `${list(order)}: ${spell(order)}`),
  );
  const walk = figure.slider("entry", { min: 0, max: size - 1, step: 1, value: 0 });

  // Every number is its own place in memory, and its channel has a colour.
  const cell = (place) => {
    const colour = ["orange", "green", "blue", "pink"][place % shape[2]];
    return element("span", { className: `cell ${colour}` }, String(place));
  };
  const places = Array.from({ length: size }, (_, place) => place);
  figure.drawing("memory", "The memory, a row of numbers.", ...places.map(cell));
  const sheets = figure.drawing("sheets", "The array, sheet by sheet.");

  /** Where each entry lies in memory, in the order in which the permuted array is read. */
  function path(order) {
    const [a, b, c] = order;
    const read = [];
    for (let i = 0; i < shape[a]; i++)
      for (let j = 0; j < shape[b]; j++)
        for (let k = 0; k < shape[c]; k++)
          read.push(i * strides[a] + j * strides[b] + k * strides[c]);
    return read;
  }

  let drawn;
  function draw(order, read) {
    const columns = shape[order[2]];
    const each = shape[order[1]] * columns;
    const sheet = (_, i) => {
      const cells = read.slice(i * each, (i + 1) * each).map(cell);
      const made = element("div", { className: "sheet" }, ...cells);
      made.style.setProperty("--columns", columns);
      return made;
    };
    sheets.replaceChildren(...Array.from({ length: shape[order[0]] }, sheet));
    drawn = order;
  }

  figure.always(() => {
    const order = orders[choice.selectedIndex];
    const read = path(order);
    if (drawn !== order) draw(order, read);
    for (const made of figure.box.querySelectorAll(".cell")) {
      const turn = read.indexOf(Number(made.textContent));
      made.classList.toggle("walked", turn <= walk.value);
      made.classList.toggle("here", turn === walk.value);
    }
  });
  figure.tell(() => {
    const order = orders[choice.selectedIndex];
    const place = path(order)[walk.value];
    const index = shape.map((length, axis) => Math.floor(place / strides[axis]) % length);
    const pick = (numbers) => order.map((axis) => numbers[axis]);
    return (
      `Shape ${list(pick(shape))}, strides ${list(pick(strides))}. Entry ${walk.value} is ` +
      `y[${pick(index).join(", ")}] = x[${index.join(", ")}], at place ${place} in memory.`
    );
  });
});
