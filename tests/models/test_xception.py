from dfd_tf.models import build_model


def test_body_has_the_published_parameters():
    # keras.applications lists 22,910,480 with 1000 classes.
    body = build_model("xception", input_size=96).count_params() - 2049
    assert body == 20_861_480
    assert body + 1000 * 2049 == 22_910_480


def test_ends_in_2048_maps_of_ten_by_ten():
    cam = build_model("xception").get_layer("block14_sepconv2_act")
    assert cam.output.shape[1:] == (10, 10, 2048)
