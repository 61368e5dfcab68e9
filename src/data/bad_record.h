// BadRecord: what is wrong with one record, told as every Error is. Whoever threw it can be asked for the record behind
// that one, which is read as if the bad one had not been there. What is wrong with a whole file is a plain Error.
#pragma once

#include "recur/types/error.h"

namespace recur {

class BadRecord : public Error {
 public:
  using Error::Error;
};

}  // namespace recur
