// fake_venue.c — the fake venue of the test kit, compiled into the C tests as well.
#include "../../Sources/TestKit/FakeVenue/fake_codec.c"
#include "../../Sources/TestKit/FakeVenue/fake_exchange.c"
#include "../../Sources/TestKit/FakeVenue/fake_market.c"
