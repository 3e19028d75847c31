"""The interactive figures: what they show, and what remains of them without scripts or on paper.

What a figure computes in the browser is compared with mlmath.
"""

import re
from fractions import Fraction

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from mlmath import derivative, difference_quotient, gradient, sigmoid, sigmoid_derivative
from tests.browser.conftest import Reader

# Page, figure, and whether it draws on a board of JSXGraph.
FIGURES = {
    "sigmoid-steepness": ("lecture-02/sigmoid", True),
    "tangent": ("lecture-02/derivatives", True),
    "partial-derivatives": ("lecture-02/derivatives", True),
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


def read(figure: Locator) -> list[float]:
    """The numbers of the read-out, in their order."""
    text = figure.locator(".read-out").inner_text().replace("−", "-")
    return [float(number) for number in re.findall(r"(?<![\w/])-?\d+(?:\.\d+)?(?!\w|\.\d)", text)]


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
    for control in figure.locator("input, select").all():
        press(control, "End")
        assert figure.bounding_box()["height"] == before
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
    found = Axe().run(
        figure.page, {"include": [["figure.interactive"]]}, options={"preload": False}
    )
    assert found.violations_count == 0, found.generate_report()


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


@pytest.mark.parametrize("name", [name for name, (_, board) in FIGURES.items() if board])
def test_finger_beside_the_handles_scrolls_the_page(reader: Reader, name: str) -> None:
    figure = open_figure(reader, name, has_touch=True)
    action = "elements => elements.map(element => getComputedStyle(element).touchAction)"
    assert set(figure.locator(".board").evaluate_all(action)) == {"auto"}
    assert set(figure.locator(".handle").evaluate_all(action)) <= {"none"}


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
