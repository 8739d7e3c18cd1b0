"""Who is who: people who cross, who are hidden for a moment, and cuts."""

import numpy as np
import pytest

from dfd_tf.video.judge import judge_video


def persons_at(result, time):
    """By person, the middle of the face at the frame next to a time."""
    found = {}
    for person in result.persons:
        sight = min(person.sights, key=lambda s: abs(s.time - time))
        if abs(sight.time - time) < 0.2:
            found[person.number] = sight.box.left + sight.box.width / 2
    return found


def test_two_people_cross(sitters, scene, clip, brightness, tmp_path):
    def picture(i):
        share = i / 71
        behind = (sitters[0], round(10 + 480 * share), 10)
        before = (sitters[2], round(500 - 480 * share), 16)
        return scene([behind, before], width=768, height=288)

    crossing = clip(tmp_path / "crossing.mp4", map(picture, range(72)))
    result = judge_video(brightness, crossing)
    assert len(result.persons) == 2
    begin, end = persons_at(result, 0.0), persons_at(result, 5.75)
    left_first = min(begin, key=begin.get)
    assert end[left_first] == max(end.values())
    assert len(begin) == len(end) == 2


def test_whom_a_passer_by_hides_is_the_same_after(sitters, scene, clip, brightness, tmp_path):
    pillar = np.full((288, 200, 3), 60, np.uint8)

    def picture(i):
        hidden = [(pillar, 140, 0)] if 40 <= i < 54 else []
        return scene([(sitters[1], 120, 16), *hidden])

    result = judge_video(brightness, clip(tmp_path / "hidden.mp4", map(picture, range(96))))
    assert len(result.persons) == 1
    assert result.persons[0].sights[-1].time > 7


def test_a_cut_parts_people(sitters, scene, clip, brightness, tmp_path):
    def picture(i):
        sitter, wall = (sitters[0], 90) if i < 48 else (sitters[3], 200)
        shown = scene([(sitter, 120, 16)])
        tinted = shown.copy()
        tinted[shown == 90] = wall
        if i >= 48:
            tinted[..., 2] = tinted[..., 2] // 3
        return tinted

    result = judge_video(brightness, clip(tmp_path / "cut.mp4", map(picture, range(96))))
    assert result.shots == 2
    first, second = result.persons
    assert first.sights[-1].time < second.sights[0].time == pytest.approx(4.0, abs=0.3)
