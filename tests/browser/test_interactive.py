"""The interactive figures: what they show, and what remains of them without scripts or on paper.

What a figure computes in the browser is compared with mlmath.
"""

import re
from fractions import Fraction

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from mlmath import (
    Value,
    derivative,
    difference_quotient,
    gradient,
    inner,
    mse,
    mse_gradient,
    permute,
    sgd_step,
    sigmoid,
    sigmoid_derivative,
    softmax,
)
from tests.browser.conftest import Reader, violations

# Page, figure, and whether it draws on a board of JSXGraph.
FIGURES = {
    "sigmoid-steepness": ("lecture-02/sigmoid", True),
    "tangent": ("lecture-02/derivatives", True),
    "partial-derivatives": ("lecture-02/derivatives", True),
    "softmax-temperature": ("lecture-02/activations", False),
    "axes": ("lecture-02/images", False),
    "forward-backward": ("lecture-02/chain-rule", False),
    "learning-rate": ("lecture-02/training", True),
}
LIBRARY = "_static/jsxgraph/jsxgraphcore.js"
every_figure = pytest.mark.parametrize("name", FIGURES)


def figure_of(page: Page, name: str) -> Locator:
    return page.locator(f"figure.interactive:has(+ script[src$='/{name}.js'])")


def scroll_to(page: Page, name: str) -> Locator:
    """Scroll to the figure, and wait until its boards are drawn."""
    figure = figure_of(page, name)
    figure.scroll_into_view_if_needed()
    for board in figure.locator(".board").all():
        board.locator("svg").wait_for()
    return figure


def open_figure(reader: Reader, name: str, **settings: object) -> Locator:
    page, _ = FIGURES[name]
    return scroll_to(reader.open(page, **settings), name)


def press(control: Locator, *keys: str) -> None:
    control.focus()
    for key in keys:
        control.page.keyboard.press(key)


def read_out(figure: Locator) -> str:
    return figure.locator(".read-out").inner_text().replace("−", "-")


def read(figure: Locator) -> list[float]:
    """The numbers of the read-out, in their order."""
    return [
        float(number)
        for number in re.findall(r"(?<![\w/])-?\d+(?:\.\d+)?(?!\w|\.\d)", read_out(figure))
    ]


def picture_of(figure: Locator) -> Locator:
    return figure.page.locator(f"#{figure.get_attribute('aria-details')} svg.drawn")


@every_figure
def test_board_asks_for_its_library_only_when_it_comes_near(reader: Reader, name: str) -> None:
    where, has_board = FIGURES[name]
    page = reader.open("index")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{reader.site}/{where}.html")
    assert asked
    assert not [url for url in asked if "jsxgraph" in url]
    scroll_to(page, name)
    wanted = [f"{reader.site}/{LIBRARY}"] if has_board else []
    assert [url for url in asked if "jsxgraph" in url] == wanted


@every_figure
@pytest.mark.parametrize("width", [1280, 360])
def test_nothing_moves_when_a_board_is_drawn_or_read(reader: Reader, name: str, width: int) -> None:
    page = reader.open(FIGURES[name][0], width=width)
    figure = figure_of(page, name)
    before = figure.bounding_box()["height"]
    scroll_to(page, name)
    assert figure.bounding_box()["height"] == before
    for board in figure.locator(".board svg").all():
        assert board.bounding_box()["height"] > 200
    for control in figure.locator("input, select, button").all():
        for key in "Home", *["ArrowDown"] * 5, "End", "PageDown", *["Enter"] * 7:
            press(control, key)
            assert figure.bounding_box()["height"] == before, key
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@every_figure
def test_figure_is_there_only_with_scripts_and_on_screen(reader: Reader, name: str) -> None:
    figure = open_figure(reader, name)
    figure.page.emulate_media(media="print")
    expect(figure).to_be_hidden()
    expect(picture_of(figure)).to_be_visible()
    with reader.browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(figure.page.url)
        expect(figure_of(page, name)).to_be_hidden()
        expect(picture_of(figure_of(page, name))).to_be_visible()


@every_figure
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_a_drawn_figure(reader: Reader, name: str, scheme: str) -> None:
    figure = open_figure(reader, name, scheme=scheme)
    assert violations(figure.page, "figure.interactive") == ""


@every_figure
def test_what_is_read_is_also_spoken_once_the_reader_pauses(reader: Reader, name: str) -> None:
    figure = open_figure(reader, name)
    first = figure.get_by_role("status").text_content()
    press(figure.locator("input, select, button").first, "End", "Enter")
    shown = figure.locator(".read-out").text_content()
    assert shown != first
    expect(figure.get_by_role("status")).to_have_text(shown)


@every_figure
def test_every_control_has_a_name_and_room_for_a_finger(reader: Reader, name: str) -> None:
    figure = open_figure(reader, name, width=360)
    for control in figure.locator("input, select, button").all():
        assert control.bounding_box()["height"] >= 24
        assert control.bounding_box()["width"] >= 24


@pytest.mark.parametrize("name", [name for name, (_, board) in FIGURES.items() if board])
def test_board_follows_the_colours_of_the_page(reader: Reader, name: str) -> None:
    figure = open_figure(reader, name)
    colours = """shapes => shapes.filter(shape => shape.checkVisibility())
        .map(shape => getComputedStyle(shape))
        .map(style => style.stroke == "none" ? style.fill : style.stroke)"""
    shapes = figure.locator(".board :is(path, ellipse, line, polygon, text)")
    light = shapes.evaluate_all(colours)
    figure.page.evaluate("document.documentElement.dataset.theme = 'dark'")
    dark = shapes.evaluate_all(colours)
    assert len(light) > 5
    assert [colour for colour, other in zip(light, dark, strict=True) if colour == other] == []


def swipe(figure: Locator, start: dict[str, float], along: int, down: int) -> None:
    """Move a finger over the screen, from the middle of a box."""
    x, y = start["x"] + start["width"] / 2, start["y"] + start["height"] / 2
    touch = figure.page.context.new_cdp_session(figure.page)
    touch.send(
        "Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]}
    )
    for part in np.linspace(0.1, 1, 10):
        point = {"x": x + part * along, "y": y + part * down}
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_finger_beside_the_handles_scrolls_the_page(reader: Reader) -> None:
    figure = open_figure(reader, "tangent", has_touch=True)
    for _ in range(2):  # also after JSXGraph has seen the first finger
        figure.evaluate("figure => figure.scrollIntoView({block: 'center'})")
        before = figure.page.evaluate("scrollY")
        swipe(figure, figure.locator(".board").bounding_box(), along=0, down=-150)
        figure.page.wait_for_function("before => scrollY > before + 50", arg=before)


def test_finger_on_a_handle_moves_it_and_not_the_page(reader: Reader) -> None:
    figure = open_figure(reader, "tangent", has_touch=True)
    figure.evaluate("figure => figure.scrollIntoView({block: 'center'})")
    before, scrolled = read(figure), figure.page.evaluate("scrollY")
    swipe(figure, figure.locator(".handle").first.bounding_box(), along=-60, down=-100)
    assert read(figure)[0] < before[0]
    assert figure.page.evaluate("scrollY") == scrolled


def test_figure_goes_away_when_its_library_cannot_be_had(reader: Reader) -> None:
    with reader.browser.new_context() as context:
        page = context.new_page()
        page.route(f"**/{LIBRARY}", lambda route: route.abort())
        page.goto(f"{reader.site}/lecture-02/sigmoid.html")
        figure = figure_of(page, "sigmoid-steepness")
        figure.scroll_into_view_if_needed()
        expect(figure).to_be_hidden()
        expect(picture_of(figure)).to_be_visible()


def test_sigmoid_steepness_reads_out_the_slope_at_zero(reader: Reader) -> None:
    figure = open_figure(reader, "sigmoid-steepness")
    slider = figure.get_by_label("steepness k")
    for keys in [], ["ArrowRight"] * 3, ["End"], ["ArrowLeft"] * 5, ["Home"]:
        press(slider, *keys)
        k, slope, one, probability = read(figure)
        assert k == float(slider.input_value())
        assert slope == sigmoid_derivative(0, k=k)
        assert (one, probability) == (1, round(sigmoid(1, k=k), 4))


def parabola(x):
    return 3 * x**2 + 15


def test_tangent_reads_out_the_slopes_of_the_line_and_of_the_tangent(reader: Reader) -> None:
    figure = open_figure(reader, "tangent")
    place, step = figure.get_by_label("place x"), figure.get_by_label("step h")
    for control, *keys in [[place], [step, "Home"], [place, "Home"], [place, "End", "ArrowLeft"]]:
        press(control, *keys)
        x, h = Fraction(place.input_value()), Fraction(step.input_value())
        slopes = difference_quotient(parabola, x, h), derivative(parabola, x)
        assert read(figure) == [float(number) for number in (x, x + h, *slopes)]


def test_handles_move_what_the_sliders_move(reader: Reader) -> None:
    figure = open_figure(reader, "tangent")
    for handle, name in enumerate(["place x", "step h"]):
        before = read(figure)
        box = figure.locator(".handle").nth(handle).bounding_box()
        mouse = figure.page.mouse
        mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        mouse.down()
        mouse.move(box["x"] - 60, box["y"], steps=5)
        mouse.up()
        after = read(figure)
        x, h = (float(figure.get_by_label(name).input_value()) for name in ("place x", "step h"))
        assert after[:2] == [x, pytest.approx(x + h)]
        assert after[handle] < before[handle], name


def hill(point):
    x, y = point
    return 5 * x**3 + 7 * y**2


def test_partial_derivatives_are_those_of_the_hill(reader: Reader) -> None:
    figure = open_figure(reader, "partial-derivatives")
    along_x, along_y = figure.get_by_label("place x"), figure.get_by_label("place y")
    for control, *keys in [[along_x], [along_x, "Home"], [along_y, "End"], [along_x, "PageUp"]]:
        press(control, *keys)
        point = [Fraction(along_x.input_value()), Fraction(along_y.input_value())]
        expected = [*point, hill(point), *gradient(hill, point)]
        assert read(figure) == [float(number) for number in expected]


def test_softmax_reads_out_the_shares(reader: Reader) -> None:
    figure = open_figure(reader, "softmax-temperature")
    sliders = figure.get_by_role("slider")
    for which, *keys in [[0], [0, "End"], [1, "Home"], [3, "End"], [2, "ArrowRight"], [3, "Home"]]:
        press(sliders.nth(which), *keys)
        *scores, temperature = (float(slider.input_value()) for slider in sliders.all())
        shares = softmax(np.array(scores) / temperature)
        *shown, together = read(figure)
        assert shown == shares.round(4).tolist()
        assert together == 1
        whole = figure.locator(".bars").bounding_box()["width"]
        bars = [bar.bounding_box()["width"] for bar in figure.locator(".bar").all()]
        np.testing.assert_allclose(np.array(bars) / sum(bars), shares, atol=0.02)
        assert max(bars) < whole


def test_axes_reads_out_shape_strides_and_place(reader: Reader) -> None:
    x = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    figure = open_figure(reader, "axes")
    choice, entry = figure.get_by_label("order of the axes"), figure.get_by_label("entry")
    for turn in range(6):
        press(choice, *["ArrowDown"] * (turn > 0))
        press(entry, "PageUp", "ArrowRight")
        order = [
            int(axis) for axis in re.findall(r"\d", choice.locator("option:checked").inner_text())
        ]
        y = permute(x, order)
        number = int(entry.input_value())
        index = np.unravel_index(number, y.shape)
        place = y[index]
        expected = [*y.shape, *y.strides, number, *index, *np.unravel_index(place, x.shape), place]
        assert read(figure) == expected
        assert figure.locator(".sheets .cell").all_inner_texts() == [str(n) for n in y.ravel()]
        assert figure.locator(".here").all_inner_texts() == [str(place)] * 2
        walked = {int(n) for n in figure.locator(".memory .walked").all_inner_texts()}
        assert walked == set(y.ravel()[: number + 1].tolist())
    assert turn == 5
    assert order == [2, 1, 0]


def test_forward_backward_goes_through_the_graph_of_the_lecture(reader: Reader) -> None:
    x = Value([Fraction(0), Fraction(1), Fraction(2)])
    a = x + 2
    b = a**2
    c = b + 3
    y = c.mean()
    y.backward()
    nodes = [x, a, b, c, y]
    walk = [node.data for node in nodes] + [node.grad for node in reversed(nodes)]
    figure = open_figure(reader, "forward-backward")

    def look(step: int) -> None:
        (written,) = re.findall(r"\(([^()]*)\)", figure.locator(".read-out").inner_text())
        assert [Fraction(n) for n in written.split(", ")] == np.atleast_1d(walk[step]).tolist()
        filled = figure.locator(".node div:not(.empty)")
        assert filled.count() == step + 1
        numbers = [Fraction(n) for n in filled.locator("span").all_inner_texts()]
        assert sorted(numbers) == sorted(
            n for some in walk[: step + 1] for n in np.atleast_1d(some)
        )

    onward, back = (figure.get_by_role("button", name=name) for name in ("Next", "Back"))
    look(0)
    for step in range(1, 10):
        press(onward, "Enter")
        look(step)
    assert [Fraction(4, 3), 2, Fraction(8, 3)] == walk[9].tolist()
    press(onward, "Enter")
    look(9)
    for step in (8, 7, 6):
        press(back, "Space")
        look(step)
    press(figure.get_by_role("button", name="Start again"), "Enter")
    look(0)
    press(back, "Enter")
    look(0)


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (Fraction(1, 140), "comes closer to 2 from one side"),
        (Fraction(1, 14), "comes closer to 2 from one side"),
        (Fraction(3, 28), "a single step arrives at 2"),
        (Fraction(1, 5), "jumps from side to side and comes closer"),
        (Fraction(3, 14), "to and fro for ever"),
        (Fraction(33, 140), "further from 2"),
    ],
)
def test_learning_rate_takes_the_steps_of_gradient_descent(
    reader: Reader, rate: Fraction, words: str
) -> None:
    inputs, answers = [Fraction(n) for n in (1, 2, 3)], [2, 4, 6]
    figure = open_figure(reader, "learning-rate")
    slider = figure.get_by_label("learning rate")
    press(slider, "Home", *["ArrowRight"] * int(140 * rate - 1))
    assert Fraction(slider.get_attribute("aria-valuetext")) == rate
    step = figure.get_by_role("button", name="Step")
    weight = Fraction(1)
    for number in range(4):
        predictions = [weight * x for x in inputs]
        loss = mse(predictions, answers)
        assert read(figure)[:3] == pytest.approx([number, float(weight), float(loss)], abs=6e-5)
        assert words in read_out(figure)
        slope = inner(mse_gradient(prediction=predictions, target=answers), inputs)
        weight = sgd_step(weight, slope, learning_rate=rate)
        press(step, "Enter")
    press(figure.get_by_role("button", name="Start again"), "Enter")
    assert read(figure)[:2] == [0, 1]
