// What the interactive figures share: labelled controls, a read-out, and boards of JSXGraph, which
// is loaded when the first of them comes near the screen. A figure's script stands right behind it.
"use strict";
{
  const library = new URL("../jsxgraph/jsxgraphcore.js", document.currentScript.src);
  const PAUSE = 500; // milliseconds without a change, before the read-out is spoken
  let loading;

  function load() {
    loading ??= new Promise((resolve, reject) => {
      const script = element("script", { src: library, onload: resolve, onerror: reject });
      document.head.append(script);
    }).then(() => {
      JXG.Options.text.display = "internal"; // text of the SVG, coloured by the style sheet
      JXG.Options.elements.transitionDuration = 0; // nothing moves by itself
    });
    return loading;
  }

  function element(tag, properties = {}, ...children) {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  }

  function whenNear(box, act) {
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) {
          observer.disconnect();
          act();
        }
      },
      { rootMargin: "300px" },
    );
    observer.observe(box);
  }

  const MARGIN = { left: 36, below: 26 }; // pixels, for the numbers at the axes

  const axis = (name, anchor, part, offset) => ({
    name,
    withLabel: true,
    label: { fontSize: 14, highlight: false, position: "rt", offset },
    position: "fixed",
    anchor,
    anchorDist: `${part}fr`,
    ticksAutoPos: false,
    strokeColor: "var(--picture-muted)",
    highlight: false,
    lastArrow: false,
    ticks: {
      strokeColor: "var(--picture-faint)",
      strokeOpacity: 1,
      minorTicks: 0,
      majorHeight: -1,
      drawZero: true,
      label: { fontSize: 13, highlight: false },
    },
  });

  class Figure {
    constructor(box) {
      this.box = box;
      this.boards = element("div", { className: "boards" });
      this.controls = element("div", { className: "controls" });
      this.shown = element("p", { className: "read-out", ariaHidden: "true" });
      this.spoken = element("p", { className: "visually-hidden", role: "status" });
      this.changes = []; // what to do when a control has moved
      box.append(this.boards, this.controls, this.shown, this.spoken);
      box.hidden = false;
    }

    refresh() {
      this.changes.forEach((act) => act());
    }

    /** Do `act` now and whenever a control has moved. */
    always(act) {
      this.changes.push(act);
      act();
    }

    /** Show the text that `compose` returns, and have it spoken when the reader pauses. */
    tell(compose) {
      let timer;
      this.spoken.textContent = compose();
      this.always(() => {
        const text = compose();
        this.shown.textContent = text;
        clearTimeout(timer);
        timer = setTimeout(() => (this.spoken.textContent = text), PAUSE);
      });
    }

    /** A slider; its `value` is a number, and may be set. */
    slider(name, { min, max, step, value, show = String }) {
      const input = element("input", { type: "range", min, max, step, value });
      const label = element("span", { className: "value", ariaHidden: "true" });
      const write = () => {
        input.ariaValueText = label.textContent = show(input.valueAsNumber).replace("-", "−");
      };
      write();
      input.addEventListener("input", () => {
        write();
        this.refresh();
      });
      this.controls.append(element("label", {}, element("span", {}, name), input, label));
      return {
        get value() {
          return input.valueAsNumber;
        },
        set value(wanted) {
          input.value = wanted;
          input.dispatchEvent(new Event("input"));
        },
      };
    }

    /** A choice among texts; its `selectedIndex` says which. */
    select(name, texts) {
      const select = element("select", {}, ...texts.map((text) => new Option(text)));
      select.addEventListener("change", () => this.refresh());
      this.controls.append(element("label", {}, element("span", {}, name), select));
      return select;
    }

    /** Buttons in a row, each `[name, act]`. */
    buttons(...named) {
      const made = named.map(([name, act]) => {
        const button = element("button", { type: "button" }, name);
        button.addEventListener("click", () => {
          act();
          this.refresh();
        });
        return button;
      });
      this.controls.append(element("div", { className: "buttons" }, ...made));
    }

    /** A drawing made of elements, where the boards are. */
    drawing(className, label, ...children) {
      const box = element("div", { className, role: "img", ariaLabel: label }, ...children);
      this.boards.append(box);
      return box;
    }

    /** A board with two axes, each `[name, from, to]`; `draw` gets it once JSXGraph is there. */
    board({ label, across, up }, draw) {
      const box = element("div", { className: "board", role: "img", ariaLabel: label });
      this.boards.append(box);
      whenNear(box, () => {
        load().then(
          () => {
            const board = start(box, across, up);
            box.setAttribute("role", "img");
            draw({
              board,
              graph: (f, style) => board.create("functiongraph", [f, across[1], across[2]], style),
              handle: (place, move) => this.handle(board, place, move),
            });
            this.always(() => board.update());
          },
          () => (this.box.hidden = true),
        );
      });
    }

    /** A point at `place()` to be dragged; `move` gets the coordinates it is dragged to. */
    handle(board, place, move) {
      const point = board.create("point", place(), handle);
      point.on("drag", () => move(point.X(), point.Y()));
      this.always(() => point.setPosition(JXG.COORDS_BY_USER, place()));
    }
  }

  function start(box, [x, left, right], [y, bottom, top]) {
    const room = { left: MARGIN.left / box.clientWidth, below: MARGIN.below / box.clientHeight };
    const corner = {
      x: left - ((right - left) * room.left) / (1 - room.left),
      y: bottom - ((top - bottom) * room.below) / (1 - room.below),
    };
    return JXG.JSXGraph.initBoard(box, {
      boundingBox: [corner.x, top, right, corner.y],
      axis: true,
      defaultAxes: {
        x: axis(x, "right", room.below, [-14, 14]), // seen along the axis: at its right hand
        y: axis(y, "left", room.left, [8, -8]),
      },
      title: box.ariaLabel,
      showCopyright: false,
      showNavigation: false,
      showInfobox: false,
      keyboard: { enabled: false }, // the controls are for the keyboard
      pan: { enabled: false },
      zoom: { enabled: false },
    });
  }

  const handle = {
    name: "",
    cssClass: "handle",
    highlightCssClass: "handle",
    size: 6,
    fillColor: "var(--picture-ink)",
    strokeColor: "var(--picture-ink)",
    strokeOpacity: 0.25,
    strokeWidth: 12, // with the size, the room that a finger needs
    highlight: false,
  };
  const line = (colour, dash) => ({
    strokeColor: `var(--picture-${colour})`,
    strokeWidth: 2.5,
    dash,
    highlight: false,
    fixed: true,
  });

  const dot = {
    name: "",
    size: 3,
    fillColor: "var(--picture-blue)",
    strokeColor: "var(--picture-blue)",
    highlight: false,
    fixed: true,
  };

  const number = (value, digits) => String(Number(value.toFixed(digits))).replace("-", "−");

  /** A fraction of whole numbers, reduced. */
  function fraction(over, under) {
    const divisor = (a, b) => (b ? divisor(b, a % b) : Math.abs(a));
    const common = divisor(over, under);
    const text = under === common ? `${over / common}` : `${over / common}/${under / common}`;
    return text.replace("-", "−");
  }

  window.interactive = (build) => build(new Figure(document.currentScript.previousElementSibling));
  Object.assign(window.interactive, {
    blue: line("blue", 0),
    orange: line("orange", 2),
    green: line("green", 6),
    ink: line("ink", 1),
    muted: line("muted", 1),
    dot,
    element,
    fraction,
    number,
  });
}
