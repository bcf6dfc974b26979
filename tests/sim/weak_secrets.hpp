#pragma once

#include <string>

#include "random.hpp"

namespace berth::sim {

// From now on tokens, passwords and ports come from here: the seed decides them too.
void draw_secrets_from(Random& random);

// What an upload of credentials tells the container.
std::string uploaded_password(const std::string& tar);

}  // namespace berth::sim
