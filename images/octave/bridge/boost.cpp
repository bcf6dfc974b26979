// Boost's own code, compiled once and apart: an edit elsewhere does not compile it again.
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
#include <boost/json/src.hpp>
